"""The README's tour, and a decision, with the generated client. Run by `.ci/client`."""

import io
import json
import os
import time
from pathlib import Path

from ap_gateway_client import AuthenticatedClient
from ap_gateway_client.api.decisions import decide_invoice
from ap_gateway_client.api.invoices import get_invoice, get_invoice_reconciliation, list_invoices, submit_invoice
from ap_gateway_client.api.operations import get_ready
from ap_gateway_client.api.purchase_orders import create_purchase_order
from ap_gateway_client.api.receipts import create_receipt
from ap_gateway_client.api.workflows import start_ping
from ap_gateway_client.models import (
    Action,
    Decision,
    HoldRef,
    InvoiceStatus,
    Outcome,
    PurchaseOrder,
    Receipt,
)
from ap_gateway_client.types import File

DOCUMENTS = Path("docs/tour")
# Seconds until an invoice must have come to rest.
PATIENCE = 30


def client(key):
    return AuthenticatedClient(os.environ["AP_GATEWAY_SERVER"], os.environ[key], raise_on_unexpected_status=True)


def told(response, *statuses):
    """What was answered, and that it was meant to be."""
    assert response.status_code in statuses, (response.status_code, response.content)
    return response.parsed


def read(model, name):
    return model.from_dict(json.loads((DOCUMENTS / name).read_text()))


def hand_in(erp, document, key):
    file = File(io.BytesIO(document), mime_type="application/octet-stream")
    response = submit_invoice.sync_detailed(client=erp, body=file, idempotency_key=key, prefer="wait=10")
    return told(response, 200)


def decide(person, invoice, decision, key, *statuses):
    response = decide_invoice.sync_detailed(invoice, client=person, body=decision, idempotency_key=key)
    return told(response, *statuses)


def until(clerk, invoice, status):
    for _ in range(PATIENCE * 5):
        seen = told(get_invoice.sync_detailed(invoice, client=clerk), 200)
        if seen.status == status:
            return seen
        time.sleep(0.2)
    raise AssertionError(f"{invoice} is {seen.status} and not {status}")


def main():
    erp, clerk = client("AP_GATEWAY_KEY"), client("AP_GATEWAY_SECOND_KEY")
    assert told(get_ready.sync_detailed(client=erp), 200).status == "ready"
    assert told(start_ping.sync_detailed(client=erp, body=None), 200).result == "ok"

    order = told(create_purchase_order.sync_detailed(client=erp, body=read(PurchaseOrder, "order.json")), 201)
    assert order.number == "PO-1001", order
    told(create_receipt.sync_detailed(client=erp, body=read(Receipt, "receipt.json")), 201)

    # Ten boxes are missing: it is held until they come.
    document = (DOCUMENTS / "invoice.xml").read_bytes()
    held = hand_in(erp, document, "tour-1")
    assert (held.status, held.total.amount) == (InvoiceStatus.HELD, "1190.00"), held
    assert [hold.code for hold in held.holds] == ["QTY_RECEIVED"], held.holds
    why = told(get_invoice_reconciliation.sync_detailed(held.id, client=clerk), 200)
    assert why.outcome == Outcome.HELD, why
    told(create_receipt.sync_detailed(client=erp, body=read(Receipt, "rest.json")), 201)
    until(clerk, held.id, InvoiceStatus.APPROVED)
    assert hand_in(erp, document, "tour-1").id == held.id, "a repetition is the same invoice"

    # Another one for the same goods: whoever lets it pass, a person other than its sender approves it.
    second = hand_in(erp, document.replace(b"RE-2026-0417", b"RE-2026-0418"), "tour-2")
    assert second.status == InvoiceStatus.HELD, second
    holds = [HoldRef(code=hold.code, line=hold.line) for hold in second.holds]
    release = Decision(
        action=Action.RELEASE, holds=holds, reason="agreed by phone", expected_revision=second.revision
    )
    decide(erp, second.id, release, "tour-3", 200, 202)
    until(clerk, second.id, InvoiceStatus.APPROVAL)
    approve = Decision(action=Action.APPROVE)
    refused = decide(erp, second.id, approve, "tour-4", 403)
    assert refused.type_ == "/docs/problems/four-eyes", refused
    decide(clerk, second.id, approve, "tour-5", 200, 202)
    until(clerk, second.id, InvoiceStatus.APPROVED)

    listed = told(list_invoices.sync_detailed(client=clerk, status="approved", page_size=1), 200)
    assert len(listed.items) == 1 and listed.next_page_token, listed
    print("the generated client went through the tour")


main()
