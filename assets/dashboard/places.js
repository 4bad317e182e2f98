// Shows where on the page a field was read while somebody is at it, and the other way round.
'use strict';
(() => {
  let lit = [];
  const light = (event) => {
    for (const one of lit) one.classList.remove('lit');
    const near = event.target.closest('[data-at]');
    lit = near ? document.querySelectorAll(`[data-at="${near.dataset.at}"]`) : [];
    for (const one of lit) one.classList.add('lit');
  };
  for (const kind of ['pointerover', 'focusin']) document.addEventListener(kind, light);
})();
