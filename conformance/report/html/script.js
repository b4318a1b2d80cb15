'use strict';
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  const get = (id) => document.getElementById(id);
  const list = get('list'), form = get('filter'), text = get('text'), rule = get('rule');
  const rows = Array.from(list.children, (row) => ({row, ...row.dataset, words: null}));
  const cases = (rows) => rows.map(({row}) => row.firstElementChild);

  const ticked = (name) => new Set(
    Array.from(form.querySelectorAll(`input[name=${name}]:checked`), (box) => box.value));

  function filter() {
    const outcomes = ticked('outcome'), levels = ticked('level');
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const r of rows) {
      let match = outcomes.has(r.outcome) && levels.has(r.level) && (!rule.value || r.rule === rule.value);
      if (match && words.length > 0) {
        r.words ??= r.row.textContent.toLowerCase();
        match = words.every((word) => r.words.includes(word));
      }
      r.row.hidden = !match;
      shown += match ? 1 : 0;
    }
    get('shown').textContent = `${shown} of ${rows.length} cases are shown`;
    get('none').hidden = shown > 0 || rows.length === 0;
  }

  // A link to a case shows it and opens it.
  function follow() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const body = get(id);
    const details = body && body.closest('details.case');
    if (!details) { return; }
    if (details.parentElement.hidden) {
      form.reset();
      filter();
    }
    details.open = true;
    details.scrollIntoView({block: 'start'});
    body.focus({preventScroll: true});
  }

  async function copy(button) {
    const source = button.parentElement.querySelector('pre');
    let done = false;
    try {
      await navigator.clipboard.writeText(source.textContent);
      done = true;
    } catch {
      getSelection().selectAllChildren(source);
      done = document.execCommand('copy');
    }
    button.textContent = done ? 'Copied' : 'Press Ctrl+C';
    get('shown').textContent = done ? 'The curl line was copied' : 'The curl line is selected; press Ctrl+C';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  }

  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 60);
  };
  form.addEventListener('input', later);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));
  get('open').addEventListener('click', () => {
    for (const details of cases(rows.filter(({row}) => !row.hidden))) { details.open = true; }
  });
  get('close').addEventListener('click', () => {
    for (const details of cases(rows)) { details.open = false; }
  });
  list.addEventListener('click', (event) => {
    const button = event.target.closest('button.copy');
    if (button) { copy(button); }
  });
  addEventListener('hashchange', follow);
  document.addEventListener('click', (event) => { // a link to where one is already
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) { follow(); }
  });

  // Paper shows what did not pass.
  let printed = [];
  addEventListener('beforeprint', () => {
    printed = cases(rows.filter((r) => !r.row.hidden && r.outcome !== 'pass')).filter((details) => !details.open);
    for (const details of printed) { details.open = true; }
  });
  addEventListener('afterprint', () => {
    for (const details of printed) { details.open = false; }
    printed = [];
  });

  if (form.matches(':has(:not(:checked):is([type=checkbox]))') || text.value || rule.value) {
    filter(); // the browser filled the form as it was before
  } else {
    get('shown').textContent = `${rows.length} of ${rows.length} cases are shown`;
  }
  follow();
  root.dataset.ready = 'yes';
})();
