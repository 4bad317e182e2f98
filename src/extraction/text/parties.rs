//! Seller and buyer: by the label of their block, by the line of the sender above the address, and
//! last by the form of their names.

mod block;
mod country;
mod form;
mod window;

use crate::extraction::lexicon::{Field, folded};
use crate::extraction::text::checks::Vat;
use crate::extraction::text::draft::Candidate;
use crate::extraction::text::draft::Draft;
use crate::extraction::text::header::{id_at, trimmed};
use crate::extraction::text::ids::VatId;
use crate::extraction::text::labels::Label;
use crate::extraction::text::labels::Side;
use crate::extraction::text::labels::places;
use crate::extraction::text::layout::Layout;
use crate::extraction::text::layout::Span;
use crate::extraction::text::parties::block::{Block, blocks};
use crate::extraction::text::parties::form::{
    Place, by_domain, by_form, is_address_form, is_company, is_name, named,
};
use crate::extraction::text::parties::window::sender_line;
use crate::models::evidence::Confidence;

/// Fills seller and buyer.
pub(super) fn read(draft: &mut Draft<'_>, labels: &[Label], ids: &[VatId]) {
    let layout = draft.layout;
    let blocks = blocks(layout, labels);
    let window = sender_line(layout);
    let mut sellers = names(layout, labels, &blocks, Field::Seller);
    let mut buyers = names(layout, labels, &blocks, Field::Buyer);
    if let Some((sender, _)) = window {
        sellers.push(named(layout, sender, None, ("the sender's line above the address", 4)));
    }
    if let Some(addressee) = window.and_then(|(_, addressee)| addressee) {
        buyers.push(named(layout, addressee, None, ("below the sender's line", 4)));
    }
    if sellers.is_empty() {
        sellers.extend(by_form(layout, labels, &buyers, Place::Seller));
        sellers.extend(by_domain(layout, &buyers));
    }
    if buyers.is_empty() {
        buyers.extend(by_form(layout, labels, &sellers, Place::Buyer));
    }
    let buyer_name = buyers.iter().max_by_key(|name| name.weight).cloned();
    let different =
        |name: &Candidate| buyer_name.as_ref().is_none_or(|buyer| name.span != buyer.span);
    sellers.retain(different);
    confirm(layout, &mut sellers);
    let seller_name = sellers.iter().max_by_key(|name| name.weight).cloned();
    draft.invoice.seller.name = draft.choose("BT-27", sellers);
    draft.invoice.buyer.name = draft.choose("BT-44", buyers);
    vat(draft, &blocks, ids, buyer_name.as_ref());
    tax_number(draft, labels, &blocks);
    let seller = country::of(layout, &blocks, (Field::Seller, seller_name.as_ref()));
    let seller = seller.into_iter().collect();
    draft.invoice.seller.address.country = draft.choose("BT-40", seller);
    let buyer = country::of(layout, &blocks, (Field::Buyer, buyer_name.as_ref()));
    let buyer = buyer.into_iter().collect();
    draft.invoice.buyer.address.country = draft.choose("BT-55", buyer);
}

/// Names in the blocks of one party.
fn names(layout: &Layout, labels: &[Label], blocks: &[Block], field: Field) -> Vec<Candidate> {
    let found = blocks.iter().filter(|block| block.field == field).filter_map(|block| {
        // `Name:` within the block says it best.
        let name = labels.iter().filter(|label| label.field == Field::Name).find_map(|label| {
            let within = block.holds(layout, label.span.start);
            let (side, place) = *places(layout, labels, label).first().filter(|_| within)?;
            let place = Span { end: place.end.min(layout.segment(place.start).end), ..place };
            (side == Side::Right && is_name(layout, place)).then_some((place, label.span))
        });
        if let Some((span, label)) = name {
            return Some(named(layout, span, Some(label), ("name in the block of the party", 8)));
        }
        let own = block.label.span;
        let segment = layout.segment(own.start);
        let right = places(layout, labels, &block.label).into_iter().find(|(side, place)| {
            *side == Side::Right
                && layout.tokens[place.start].left < block.right
                && (place.start < segment.end || layout.gap(place.start) < 12.0)
        });
        if let Some((_, place)) = right {
            let place = Span { end: place.end.min(layout.segment(place.start).end), ..place };
            if is_name(layout, place) {
                return Some(named(layout, place, Some(own), ("beside the label of the party", 6)));
            }
            // A number beside it: the label is of that, and what is below is something else.
            if place.start < segment.end {
                return None;
            }
        }
        let below = first_name(layout, labels, block)?;
        Some(named(layout, below, Some(own), ("below the label of the party", 6)))
    });
    found.collect()
}

/// The first line of a block that can be a name.
fn first_name(layout: &Layout, labels: &[Label], block: &Block) -> Option<Span> {
    let lines = layout.lines
        [block.first + 1..=block.last.max(block.first + 1).min(layout.lines.len() - 1)]
        .iter();
    let segments = lines.take(5).flat_map(|line| layout.segments_of(*line));
    let mut fitting = segments.filter(|segment| {
        let token = &layout.tokens[segment.start];
        let place = token.left >= block.left && token.left < block.right;
        let labelled = labels.iter().any(|label| {
            label.span.start == segment.start
                && label.field != Field::Name
                && !is_company(&layout.text(**segment))
        });
        place && !labelled && is_name(layout, **segment) && !is_address_form(layout, **segment)
    });
    fitting.next().copied()
}

/// A name that stands a second time elsewhere, as letterhead or in the footer, is surer.
fn confirm(layout: &Layout, names: &mut [Candidate]) {
    for name in names {
        let wanted = folded(&name.value);
        let own = name.span;
        let again = layout
            .segments
            .iter()
            .filter(|segment| own.is_none_or(|own| !segment.contains(own.start)));
        let again =
            again.filter(|segment| layout.folded(**segment).concat().starts_with(&wanted)).count();
        if again > 0 && name.confidence == Confidence::LABELLED && wanted.len() > 5 {
            name.confidence = Confidence::CONSISTENT;
        } else if again > 0 && name.confidence == Confidence::PLACED {
            name.weight += 2;
        }
    }
}

/// BT-31 and BT-48: whose id it is, by label and block; what has neither is the seller's.
fn vat(draft: &mut Draft<'_>, blocks: &[Block], ids: &[VatId], buyer: Option<&Candidate>) {
    let layout = draft.layout;
    let (mut sellers, mut buyers) = (Vec::new(), Vec::new());
    for id in ids {
        let block = blocks.iter().filter(|block| block.holds(layout, id.span.start));
        let block = block.max_by_key(|block| block.first);
        let field = id.label.map(|label| label.field);
        let near_buyer = buyer.and_then(|buyer| buyer.span).is_some_and(|span| {
            let (name, token) = (&layout.tokens[span.start], &layout.tokens[id.span.start]);
            let down = token.top - name.top;
            name.page == token.page
                && (0.0..110.0).contains(&down)
                && (token.left - name.left).abs() < 130.0
        });
        let weight = match (field, block.map(|block| block.field)) {
            (Some(Field::BuyerVatId), _) | (_, Some(Field::Buyer)) => 0,
            (_, Some(Field::Seller)) => 4,
            (_, Some(Field::OtherParty)) => continue,
            (_, _) if near_buyer => 0,
            (Some(_), _) => 3,
            (None, _) => 2,
        };
        let labelled = field.is_some();
        let confidence = match id.vat {
            Vat::Checked => Confidence::CONSISTENT,
            _ if labelled => Confidence::LABELLED,
            _ => Confidence::PLACED,
        };
        let candidate = Candidate {
            value: id.value.clone(),
            span: Some(id.span),
            label: id.label.map(|label| label.span),
            rule: if labelled { "label and form" } else { "form of a VAT id" },
            weight,
            confidence,
        };
        if weight == 0 { buyers.push(candidate) } else { sellers.push(candidate) }
    }
    draft.invoice.seller.vat_id = draft.choose("BT-31", sellers);
    for buyer in &mut buyers {
        buyer.weight = 1;
    }
    draft.invoice.buyer.vat_id = draft.choose("BT-48", buyers);
}

/// BT-32, outside of the buyer's block.
fn tax_number(draft: &mut Draft<'_>, labels: &[Label], blocks: &[Block]) {
    let layout = draft.layout;
    let of = labels.iter().filter(|label| label.field == Field::TaxNumber);
    let own = of.filter(|label| {
        let mut holding = blocks.iter().filter(|block| block.holds(layout, label.span.start));
        holding.all(|block| block.field == Field::Seller)
    });
    let found = own.filter_map(|label| {
        let (_, place) = *places(layout, labels, label).first()?;
        let span = id_at(layout, place)?;
        Some(Candidate {
            value: trimmed(&layout.text(span)),
            span: Some(span),
            label: Some(label.span),
            rule: "label at the left",
            weight: 1,
            confidence: Confidence::LABELLED,
        })
    });
    let found = found.collect();
    draft.invoice.seller.tax_number = draft.choose("BT-32", found);
}
