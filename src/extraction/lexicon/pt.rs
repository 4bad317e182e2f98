//! Labels in Portuguese.

use crate::extraction::lexicon::Labels;
use crate::extraction::lexicon::term::Column as C;
use crate::extraction::lexicon::term::Document as D;
use crate::extraction::lexicon::term::Field as F;
use crate::extraction::lexicon::term::Term::Column;
use crate::extraction::lexicon::term::Term::Document;
use crate::extraction::lexicon::term::Term::Field;
use crate::extraction::lexicon::term::Term::Total;
use crate::extraction::lexicon::term::Total as T;

#[rustfmt::skip]
pub(super) const LABELS: &Labels = &[
    (Field(F::Number), &["invoice number", "invoice no", "invoice #", "invoice nr", "invoice num", "inv no", "inv #", "inv number", "invoice id", "document number", "document no", "credit note number", "credit note no", "credit note #", "credit memo number", "credit memo no", "credit memo #", "tax invoice no", "tax invoice number", "tax invoice #", "bill number", "bill no", "bill #", "our invoice no", "invoice reference", "invoice ref", "credit number", "vat invoice no", "vat invoice number", "commercial invoice no", "statement number", "invoice/credit note number", "invoice code", "document #"]),
    (Field(F::Number), &["fatura n°", "factura n°", "número da fatura", "nº da fatura", "fatura nº", "nº fatura", "n° fatura", "nota de crédito n°", "fatura no", "número de fatura", "fatura/recibo nº", "documento nº", "fatura-recibo nº"]),
    (Field(F::IssueDate), &["data da fatura", "data de emissão", "data do documento", "data emissão", "data fatura"]),
    (Field(F::DueDate), &["data de vencimento", "vencimento", "data vencimento", "data limite de pagamento", "pagar até", "vence em"]),
    (Field(F::Order), &["encomenda nº", "nº de encomenda", "sua encomenda", "nota de encomenda", "v/ encomenda", "ordem de compra", "encomenda", "nº encomenda", "v/encomenda"]),
    (Field(F::DeliveryNote), &["guia de remessa", "guia de transporte", "guia nº"]),
    (Field(F::DeliveryDate), &["data de entrega", "data da entrega"]),
    (Field(F::VatId), &["contribuinte", "nº contribuinte", "n° contribuinte", "contribuinte nº", "nipc", "nº de contribuinte"]),
    (Field(F::BuyerVatId), &["nif do cliente", "contribuinte cliente", "v/ contribuinte", "v/ nº contrib", "v/nif"]),
    (Field(F::Seller), &["fornecedor", "emitente"]),
    (Field(F::Buyer), &["exmo(s) senhor(es)", "exmos senhores", "exmo senhor", "adquirente", "faturar a"]),
    (Field(F::Terms), &["condições de pagamento", "cond pagamento", "modo de pagamento"]),
    (Field(F::Currency), &["moeda"]),
    (Field(F::Other), &["cliente nº", "código do cliente", "nº cliente", "telefone", "telemóvel", "página", "capital social"]),
    (Document(D::Invoice), &["fatura", "fatura-recibo", "fatura recibo", "fatura simplificada"]),
    (Document(D::NoInvoice), &["orçamento", "fatura pró-forma", "fatura proforma"]),
    (Column(C::SellerItem), &["código", "referência", "artigo código"]),
    (Column(C::Description), &["descrição", "designação", "artigo", "produto", "serviço"]),
    (Column(C::Quantity), &["quantidade", "qtd", "quant", "qtde"]),
    (Column(C::Unit), &["unidade", "un"]),
    (Column(C::Price), &["preço", "preço unitário", "pr unitário", "preço unit", "p unit", "preço unitário €", "valor unitário"]),
    (Column(C::Discount), &["desconto", "desc", "desc %", "% desc"]),
    (Column(C::TaxRate), &["taxa iva", "taxa", "taxa de iva"]),
    (Column(C::Net), &["valor", "total líquido", "valor líquido", "montante", "valor total", "preço total"]),
    (Total(T::Lines), &["total ilíquido", "mercadoria/serviços", "total mercadorias", "valor ilíquido"]),
    (Total(T::Net), &["total sem iva", "valor líquido", "incidência total", "base tributável", "total líquido", "valor tributável", "incidência", "total sem imposto"]),
    (Total(T::Tax), &["total iva", "valor iva", "valor do iva", "total imposto", "total impostos", "total do iva"]),
    (Total(T::Gross), &["total com iva", "total da fatura", "total documento", "total geral", "valor total", "total do documento", "total fatura"]),
    (Total(T::Payable), &["total a pagar", "valor a pagar", "montante a pagar"]),
    (Total(T::Allowance), &["desconto", "desconto comercial", "desconto global"]),
    (Total(T::Charge), &["portes", "portes de envio"]),
    (Total(T::Paid), &["adiantamento", "valor pago", "já pago"]),
    (Total(T::Carried), &["transporte", "a transportar"]),
    (Total(T::ReverseCharge), &["iva - autoliquidação", "iva autoliquidação", "autoliquidação"]),
    (Total(T::Exempt), &["isento", "isento de iva", "isento artigo"]),
];
