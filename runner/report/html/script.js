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

  // Folding moves everything: along x by the widths of the lanes, along y by the rows of calls that are shown. What was drawn is kept, and moved anew each time.
  const kept = new WeakMap();
  const along = {x: 0, cx: 0, y: 1, cy: 1, M: [0, 1], L: [0, 1], H: [0], V: [1]};

  function drawn(part) {
    if (!kept.has(part)) kept.set(part, Object.fromEntries([...part.attributes].map((one) => [one.name, one.value])));
    return kept.get(part);
  }

  // Stretches of an axis, each [from, to, wanted length]; what lies in none keeps its length.
  function mover(stretches) {
    return (at) => {
      let less = 0;
      for (const [from, to, wanted] of stretches)
        if (at > from) less += (Math.min(at, to) - from) * (1 - wanted / (to - from));
      return at - less;
    };
  }

  function movedPath(path, moves) {
    return path.replace(/([MLHV])([\d .-]+)/g, (all, word, numbers) =>
      word + numbers.trim().split(' ').map((number, i) => moves[along[word][i]](Number(number))).join(' ') + ' ');
  }

  function place(part, moves) {
    const was = drawn(part);
    for (const name of ['x', 'cx', 'y', 'cy']) if (name in was) part.setAttribute(name, moves[along[name]](Number(was[name])));
    for (const [name, start, axis] of [['width', 'x', 0], ['height', 'y', 1]]) {
      if (!(name in was) || !(start in was)) continue;
      const [from, length] = [Number(was[start]), Number(was[name])];
      part.setAttribute(name, Math.max(0, moves[axis](from + length) - moves[axis](from)));
    }
    if ('d' in was) part.setAttribute('d', movedPath(was.d, moves));
  }

  function arrange(svg) {
    const heads = [...svg.querySelectorAll('.lane')], folded = (lane) => heads[lane] && heads[lane].classList.contains('folded');
    const number = (part, name) => Number(drawn(part)[name]);
    const columns = [], rows = [];
    for (const head of heads) {
      const box = head.querySelector('rect'), x = number(box, 'x');
      if (folded(head.dataset.lane)) columns.push([x, x + number(box, 'width'), 44]);
    }
    for (const call of svg.querySelectorAll('.call')) {
      const hit = call.querySelector('.hit'), y = number(hit, 'y');
      if (folded(call.dataset.lane)) rows.push([y, y + number(hit, 'height') + 4, 0]);
    }
    const moves = [mover(columns), mover(rows)];
    for (const part of svg.querySelectorAll(':scope > :not(defs), :scope > :not(defs) *')) place(part, moves);
    const box = drawn(svg).viewBox.split(' ').map(Number), scale = svg.width.baseVal.value / svg.viewBox.baseVal.width;
    const [width, height] = [moves[0](box[2]), moves[1](box[3])];
    svg.setAttribute('viewBox', '0 0 ' + width + ' ' + height);
    svg.setAttribute('width', width * scale);
    svg.setAttribute('height', height * scale);
  }

  function fold(svg, lane) {
    const head = svg.querySelector('.lane[data-lane="' + lane + '"]');
    const isFolded = head.classList.toggle('folded');
    head.setAttribute('aria-expanded', !isFolded);
    for (const part of svg.querySelectorAll('.call, .wait, .state'))
      if (part.dataset.lane === lane) part.classList.toggle('away', isFolded);
    const folded = new Set([...svg.querySelectorAll('.lane.folded')].map((one) => one.dataset.lane));
    for (const arrow of svg.querySelectorAll('.arrow, .label'))
      arrow.classList.toggle('away', folded.has(arrow.dataset.from) || folded.has(arrow.dataset.to));
    arrange(svg);
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
