//! The specification of ap-gateway, by area. One binary: it links the SDK once.

/// A gateway in this process or as a process of its own, over one real Temporal dev server.
mod harness;
/// Small UBL documents, orders and receipts, made to measure.
mod replay;
mod samples;

/// The numbers of the acceptance list, and the tests that belong to no one area.
mod acceptance;
/// Alert rules, and what they speak of.
mod alerts;
/// Documents in a folder.
mod artifacts;
/// Back up and restore, with the scripts of `deploy/`.
mod backup;
/// What is refused, and what is accepted and shown as needing attention.
mod bad_input;
/// Bank statements, made to measure.
mod bank_files;
/// Batches through a real server: manifests, archives, crashes, cancellations.
mod batch_workflow;
/// A server, two stores and a worker, for tests below HTTP.
mod bench;
/// One decision about many invoices.
mod bulk;
/// The commands that look at a server and decide there, as processes.
mod client_commands;
/// The commands, as processes.
mod commands;
/// Settings: file, environment, flags.
mod configuration;
/// A server that does not take our API key.
mod credentials;
/// The local Temporal server: found, started, kept, ended.
mod decisions;
mod dev_server;
/// Nothing accepted is lost: kill -9, restarts, Temporal away.
mod durability;
/// A router over real stores, without Temporal.
mod edge;
/// Documents of the public suites, hostile bytes, mutations.
mod extraction;
/// Cross Industry Invoices: examples, twins in UBL, hybrid files, mutations.
mod extraction_cii;
/// Login: keys, tokens, roles, limits; who did what.
mod http_auth;
/// `/bank-statements` and `/bank-entries`: what the bank says pays what is open.
mod http_bank_statements;
/// `/batches` and `/artifacts`.
mod http_batches;
/// The pages for people.
mod http_dashboard;
/// `/invoices/{id}/events`: the event stream.
mod http_events;
/// Ids, methods, hosts, headers, types.
mod http_heads;
/// Handing in and looking at invoices.
mod http_invoices;
/// Panics, deadlines, floods.
mod http_layers;
/// Walks, filters, tokens.
mod http_lists;
/// The OpenAPI document and its pages.
mod http_openapi;
/// `/payment-files`: what the bank is ordered to pay.
mod http_payment_files;
/// `/reconciliations`: what callers bring themselves.
mod http_reconciliations;
/// Orders and receipts.
mod http_registrations;
mod http_removed;
/// Serving: connections, hostile HTTP, overload, shutdown, proxies, TLS.
mod http_serving;
/// Timers, limits and the drain on a bound port.
mod http_sockets;
/// Suppliers.
mod http_suppliers;
/// Router, server, worker and stores together.
mod http_temporal;
/// `/webhooks`: who is told what happens, and that it arrives.
mod http_webhooks;
/// `/workflows`: runs of our own types.
mod http_workflows;
/// Each step of the invoice workflow, with its failures.
mod invoice_steps;
/// The invoice workflow against real stores and a real server.
mod invoice_workflow;
/// The ledger on SQLite and on PostgreSQL.
mod ledger;
/// What may happen to an invoice in its life, and what it costs.
mod life;
/// The main job: orders, receipts and invoices over HTTP, reconciled in Temporal.
mod main_job;
/// The manuals: their tables, and where their links lead.
mod manuals;
/// Documents of every kind, spoilt.
mod mutated;
/// What those see who run it: traces, figures, alerts.
mod observed;
/// What pain.001 asks of a file.
mod pain001;
/// One PostgreSQL server for the run.
mod postgres;
/// Foreign formats in processes of their own: hybrids, scans, hostile bytes, limits.
mod reading;
/// The engine: vectors, properties, speed.
mod reconciliation;
/// Every activity, cut anywhere and given again.
mod redelivered;
/// Credentials that are changed under load.
mod rotated;
/// Schedules of Temporal, and what they have done.
mod schedules;
/// The public suites: unit tests, whole documents, examples.
mod suites;
/// CSV, spreadsheets and JSON with one invoice, as whole files.
mod tables;
/// Who imports whom, how long and how named a file is.
mod tidy;
/// Every command of the README's tour, run as it stands there.
mod tour;
/// Agreement with the recorded official verdicts.
mod validation;
/// The worked examples of reconciliation: every kind of case.
mod vectors;
/// Versions of the worker: which one takes up what waited.
mod versions;
/// What invoices wait for, and that they go on when it comes.
mod waiting;
/// The worker and its connection: cancellations, restarts, outages.
mod worker;
/// Invoices written out again as UBL and CII.
mod writers;
