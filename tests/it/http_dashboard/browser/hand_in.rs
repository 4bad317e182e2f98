//! A clerk hands in files, looks at the drawn pages, and withdraws what was handed in by mistake.

use std::path::Path;

use crate::bench::invoice;
use crate::http_dashboard::browser::{judge, start};
use crate::http_dashboard::chrome::Window;
use crate::http_dashboard::papers;

/// Hands in a printed invoice and one in XML, and answers the place of the printed one.
async fn handed_in(window: &Window, base: &str, folder: &Path) -> String {
    let (printed, xml) = (folder.join("printed.pdf"), folder.join("RE-9.xml"));
    std::fs::write(&printed, papers::printed()).expect("written");
    std::fs::write(&xml, invoice("RE-9", "PO-9")).expect("written");
    window.open(&format!("{base}/submit")).await;
    window.write("#document", &format!("{}\n{}", printed.display(), xml.display())).await;
    window.click("main form.card button").await;
    window.picture("handed-in").await;
    let accepted = "return [...document.querySelectorAll('td .accepted')].length";
    assert_eq!(window.run("sync", accepted).await, 2, "{}", window.source().await);
    let place = window.run("sync", "return document.querySelector('td a').href").await;
    place.as_str().expect("an address").to_owned()
}

/// The page is drawn, its boxes lie over it, and field and box light up together.
async fn looks(window: &Window, invoice: &str) {
    window.comes_to(invoice, "id=\"box-").await;
    let drawn = "const done = arguments[arguments.length - 1];
        const page = document.querySelector('.paper img');
        page.decode().then(() => done(page.naturalWidth), error => done(String(error)));";
    assert_eq!(window.run("async", drawn).await, 1239);
    let apart = "const of = one => document.querySelector(one).getBoundingClientRect();
        const [page, boxes] = [of('.paper img'), of('.paper svg')];
        return Math.max(...['left', 'top', 'width', 'height']
            .map(side => Math.abs(page[side] - boxes[side])))";
    let apart = window.run("sync", apart).await.as_f64().expect("a number");
    assert!(apart < 2.0, "boxes are {apart} pixels beside their page");
    let lit = "document.querySelector('tr[data-at] a').focus();
        const [row, box] = ['tr.lit', '.page a.lit'].map(one => document.querySelector(one));
        return row.dataset.at === box.dataset.at";
    assert_eq!(window.run("sync", lit).await, true);
    window.click("tr[data-at] a").await;
    let target = "const box = document.querySelector('.page a:target rect');
        return getComputedStyle(box).strokeWidth";
    assert_eq!(window.run("sync", target).await, "2.5px");
    window.picture("document").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, its driver and npm: `.ci/run browser` brings them"]
async fn a_clerk_hands_in_looks_at_the_pages_and_withdraws_many_at_once() {
    let (_bench, _worker, stage) = start().await;
    let base = &stage.base;
    let folder = tempfile::tempdir().expect("a folder");
    let cleo = stage.clerk("key:cleo", "/invoices", true).await;
    let list = format!("{base}/invoices");
    let invoice = handed_in(&cleo, base, folder.path()).await;
    looks(&cleo, &invoice).await;
    let printed = invoice.trim_start_matches(base.as_str()).to_owned();
    judge(&cleo, base, &[("submit", "/submit"), ("printed", &printed), ("many", "/invoices")])
        .await;

    cleo.open(&list).await;
    cleo.click_all("td input[name=invoice]").await;
    cleo.write("fieldset input[name=reason]", "handed in by mistake").await;
    cleo.click("fieldset button[value=cancel]").await;
    cleo.arrives("/bulk/preview").await;
    cleo.picture("what-would-happen").await;
    assert!(cleo.source().await.contains("Nothing is done yet"), "{}", cleo.source().await);
    assert_eq!(cleo.breaches().await, Vec::<String>::new(), "the preview");
    cleo.click("main form button").await;
    cleo.arrives("/batches/bat_").await;
    cleo.close().await;
}
