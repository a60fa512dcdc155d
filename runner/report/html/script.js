'use strict';
// Comfort only: whatever the page tells is there without this. Nothing is made from text as markup.
(() => {
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById('words').textContent);
  const sources = JSON.parse(document.getElementById('sources').textContent);
  root.classList.add('scripted');

  function element(name, kind, text) {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function button(text, label, act) {
    const made = element('button', '', text);
    made.type = 'button';
    if (label) made.setAttribute('aria-label', label);
    made.addEventListener('click', act);
    return made;
  }

  // ---- folding of cases
  const cases = [...document.querySelectorAll('details.case')];
  const tools = element('p', 'tools');
  tools.append(
    button(words.unfold, '', () => { for (const one of cases) one.open = !one.classList.contains('passed'); }),
    button(words.fold, '', () => { for (const one of cases) one.open = false; }));
  const only = button(words.only, '', () => {
    const isOnly = only.getAttribute('aria-pressed') !== 'true';
    only.setAttribute('aria-pressed', isOnly);
    for (const one of document.querySelectorAll('details.case.passed')) one.hidden = isOnly;
  });
  only.setAttribute('aria-pressed', 'false');
  tools.append(only);
  const list = document.getElementById('cases');
  if (list && cases.length > 1) list.querySelector('h2').after(tools);
  addEventListener('beforeprint', () => { for (const one of cases) if (!one.classList.contains('passed')) one.open = true; });

  // ---- what belongs to a call
  function excerpt(file, line) {
    const lines = (sources[file] || {});
    const box = element('ol', 'source');
    for (const number of Object.keys(lines).map(Number).sort((a, b) => a - b)) {
      if (Math.abs(number - line) > 4) continue;
      const item = element('li', number === line ? 'here' : '', lines[number]);
      item.value = number;
      if (number === line) item.setAttribute('aria-current', 'true');
      box.append(item);
    }
    return box;
  }

  function show(figure, call) {
    const row = document.getElementById(call.getAttribute('href').slice(1));
    const panel = figure.querySelector('.panel');
    const [file, line] = [row.dataset.file, Number(row.dataset.line)];
    for (const other of figure.querySelectorAll('.chosen')) other.classList.remove('chosen');
    call.classList.add('chosen');
    panel.replaceChildren(
      button('×', words.close, () => hide(figure, true)),
      element('p', 'who', row.cells[0].textContent + ' (pid ' + row.cells[1].textContent + ')'),
      element('p', 'text', row.cells[2].textContent));
    if (file) panel.append(element('p', 'place', file + ':' + line));
    if (file && sources[file]) panel.append(excerpt(file, line));
    panel.hidden = false;
  }

  function hide(figure, goesBack) {
    const chosen = figure.querySelector('.chosen');
    figure.querySelector('.panel').hidden = true;
    if (!chosen) return;
    chosen.classList.remove('chosen');
    if (goesBack) chosen.focus();
  }

  // ---- zoom and lanes
  function zoom(drawing, factor) {
    const svg = drawing.querySelector('svg'), box = svg.viewBox.baseVal;
    const now = svg.width.baseVal.value / box.width;
    const next = factor === 0 ? drawing.clientWidth / box.width : now * factor;
    const scale = Math.min(3, Math.max(0.3, next));
    svg.setAttribute('width', box.width * scale);
    svg.setAttribute('height', box.height * scale);
  }

  function fold(svg, lane) {
    const head = svg.querySelector('.lane[data-lane="' + lane + '"]');
    const isFolded = head.classList.toggle('folded');
    head.setAttribute('aria-expanded', !isFolded);
    for (const part of svg.querySelectorAll('.call, .life, .wait, .state'))
      if (part.dataset.lane === lane) part.classList.toggle('away', isFolded);
    const folded = new Set([...svg.querySelectorAll('.lane.folded')].map((one) => one.dataset.lane));
    for (const arrow of svg.querySelectorAll('.arrow'))
      arrow.classList.toggle('away', folded.has(arrow.dataset.from) || folded.has(arrow.dataset.to));
  }

  function move(calls, from, step) {
    const to = calls[calls.indexOf(from) + step];
    if (to) to.focus();
  }

  for (const figure of document.querySelectorAll('figure.sequence')) {
    const drawing = figure.querySelector('.drawing'), svg = drawing.querySelector('svg');
    const calls = [...svg.querySelectorAll('.call')];
    const bar = element('div', 'tools');
    bar.append(
      button('+', words.larger, () => zoom(drawing, 1.25)), button('−', words.smaller, () => zoom(drawing, 0.8)),
      button(words.fit, '', () => zoom(drawing, 0)));
    const panel = element('div', 'panel');
    panel.hidden = true;
    panel.setAttribute('role', 'status');
    drawing.before(bar);
    drawing.after(panel);
    for (const call of calls)
      call.addEventListener('click', (event) => { event.preventDefault(); show(figure, call); });
    for (const head of svg.querySelectorAll('.lane')) {
      head.setAttribute('tabindex', '0');
      head.setAttribute('role', 'button');
      head.setAttribute('aria-expanded', 'true');
      head.addEventListener('click', () => fold(svg, head.dataset.lane));
      head.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        fold(svg, head.dataset.lane);
      });
    }
    figure.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') hide(figure, true);
      const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
      if (!step || !event.target.classList.contains('call')) return;
      event.preventDefault();
      move(calls, event.target, step);
    });
  }
})();
