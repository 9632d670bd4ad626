// The worker's page. Whatever comes from elsewhere (ids, names, letters) is put in as text, never as markup.

const $ = id => document.getElementById(id);
const WINDOW = 120_000;
const POST = { 'Content-Type': 'application/json', 'X-StreamRec': 'page' };
const SVG = 'http://www.w3.org/2000/svg';

// ---- Elements and texts

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter(child => child !== null && child !== undefined));
  return made;
}

function svg(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const count = value => whole.format(value);

function rate(value) { return value < 100 && !Number.isInteger(value) ? short.format(value) : count(value); }

function duration(seconds) {
  return seconds < 1 ? [short.format(seconds * 1000), 'ms']
    : seconds < 120 ? [short.format(seconds), 's']
    : [short.format(seconds / 60), 'min'];
}

function ago(ms) {
  const seconds = Math.max(0, ms / 1000);
  return seconds < 1.5 ? 'just now'
    : seconds < 120 ? `${Math.round(seconds)} s ago`
    : seconds < 7200 ? `${Math.round(seconds / 60)} min ago`
    : seconds < 172800 ? `${Math.round(seconds / 3600)} h ago`
    : `${Math.round(seconds / 86400)} days ago`;
}

function lasted(ms) { return ago(ms).replace(' ago', '').replace('just now', 'a second'); }

const clock = ms => new Date(ms).toLocaleTimeString('en-GB');
const stamp = ms => new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');

function put(id, text) {
  const place = $(id);
  if (place.textContent !== text) place.textContent = text;
}

// ---- Asking the worker

async function ask(path, body) {
  const answer = await fetch(path, body === undefined
    ? { cache: 'no-store' }
    : { method: 'POST', headers: POST, body: JSON.stringify(body) });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (answer.status === 401) signIn();
  if (!answer.ok) throw new Error(json.error ?? `The worker answers ${answer.status}.`);
  return json;
}

async function during(form, faultId, work) {
  const buttons = form.querySelectorAll('button');
  put(faultId, '');
  buttons.forEach(button => { button.disabled = true; });
  try {
    await work();
  } catch (fault) {
    put(faultId, fault instanceof TypeError ? 'The worker does not answer.' : fault.message);
  } finally {
    buttons.forEach(button => { button.disabled = false; });
  }
}

// ---- Charts

class Chart {
  constructor(title, series, show, none) {
    Object.assign(this, { title, series, show, none });
    this.value = el('div', { class: 'value' });
    this.note = el('div', { class: 'muted note' });
    this.most = el('span', { class: 'most' });
    this.plot = svg('svg', { viewBox: '0 0 300 88', preserveAspectRatio: 'none', role: 'img' });
    this.figure = el('figure', { class: 'panel chart' },
      el('figcaption', {}, el('span', { class: 'title' }, title)),
      this.value, this.note,
      el('div', { class: 'plot' }, this.plot, this.most),
      el('div', { class: 'axis', 'aria-hidden': 'true' }, el('span', {}, '2 min ago'), el('span', {}, 'now')));
    this.plot.addEventListener('pointermove', event => {
      const box = this.plot.getBoundingClientRect();
      this.at = (event.clientX - box.left) / box.width;
      this.draw();
    });
    this.plot.addEventListener('pointerleave', () => { this.at = null; this.draw(); });
  }

  take(seconds) { this.seconds = seconds; this.draw(); }

  draw() {
    const { seconds = [], series } = this;
    if (seconds.length === 0) return;
    const end = seconds[seconds.length - 1].at;
    const known = seconds.filter(second => series.some(name => second[name] !== null));
    const top = Math.max(1e-9, ...known.flatMap(second => series.map(name => second[name] ?? 0)));
    const x = second => 300 * (1 - (end - second.at) / WINDOW);
    const y = value => 86 - 80 * value / top;
    const parts = [svg('line', { class: 'grid', x1: 0, x2: 300, y1: 86, y2: 86 }),
      svg('line', { class: 'grid', x1: 0, x2: 300, y1: 6, y2: 6 })];
    series.forEach((name, index) => {
      for (const run of runs(seconds, name)) {
        const points = run.map(second => `${x(second).toFixed(1)},${y(second[name]).toFixed(1)}`);
        if (index === 0 && run.length > 1) {
          parts.push(svg('polygon', { class: 'area',
            points: `${x(run[0]).toFixed(1)},86 ${points.join(' ')} ${x(run[run.length - 1]).toFixed(1)},86` }));
        }
        // A second by itself is a point: a line of no length, with round ends.
        parts.push(svg('polyline', { class: `series ${index === 0 ? 'first' : 'second'}`,
          points: (points.length > 1 ? points : [points[0], points[0]]).join(' ') }));
      }
    });
    const shown = this.pick(known, x);
    if (this.at !== null && this.at !== undefined && shown) {
      parts.push(svg('line', { class: 'cursor', x1: x(shown), x2: x(shown), y1: 6, y2: 86 }));
    }
    this.plot.replaceChildren(...parts);
    this.most.textContent = known.length > 0 ? this.show(top).join(' ') : '';
    this.tell(shown, known, end);
  }

  pick(known, x) {
    if (known.length === 0) return null;
    if (this.at === null || this.at === undefined) return known[known.length - 1];
    return known.reduce((best, one) =>
      Math.abs(x(one) - 300 * this.at) < Math.abs(x(best) - 300 * this.at) ? one : best);
  }

  tell(second, known, end) {
    const { series } = this;
    if (!second) {
      this.value.replaceChildren('–');
      this.note.textContent = this.none;
      this.plot.setAttribute('aria-label', `${this.title}: ${this.none}`);
      return;
    }
    const words = series.map(name => second[name] === null ? ['–', ''] : this.show(second[name]));
    this.value.replaceChildren(...words.flatMap(([number, unit], index) => [
      series.length > 1
        ? el('span', { class: `of ${index === 0 ? 'first-ink' : 'second-ink'}` }, `${series[index]} `) : null,
      number,
      unit ? el('span', { class: 'unit' }, unit) : null,
    ].filter(part => part !== null)));
    const hovered = this.at !== null && this.at !== undefined;
    this.note.textContent = hovered ? clock(second.at) : second.at === end ? '' : `measured ${ago(end - second.at)}`;
    if (!hovered) {
      const most = Math.max(...known.map(one => one[series[series.length - 1]] ?? 0));
      this.plot.setAttribute('aria-label',
        `${this.title}: now ${words.map(word => word.join(' ')).join(' and ')}; `
        + `at most ${this.show(most).join(' ')} in the last two minutes`);
    }
  }
}

function runs(seconds, name) {
  const found = [];
  let run = null;
  for (const second of seconds) {
    // Also where the worker or the page was away for a while.
    const follows = run && second.at - run[run.length - 1].at < 3_000;
    if (second[name] === null) { run = null; continue; }
    if (follows) run.push(second); else found.push(run = [second]);
  }
  return found;
}

const charts = [
  new Chart('Throughput', ['records'], value => [rate(value), 'records/s'], 'not measured yet'),
  new Chart('Lag', ['lag'], value => [count(value), value === 1 ? 'record' : 'records'], 'not known'),
  new Chart('Freshness', ['p50', 'p99'], duration, 'nothing was written yet'),
];
$('charts').append(...charts.map(chart => chart.figure));
charts[2].figure.title = 'From the timestamp of a batch’s oldest and newest record to the lists in Redis';

// ---- Status

let seconds = [];
let last = null;

function takeHistory(history) {
  seconds = history;
}

function takeStatus(status) {
  last = status;
  const { second } = status;
  if (seconds.length === 0 || second.at > seconds[seconds.length - 1].at) seconds.push(second);
  while (seconds.length > 0 && second.at - seconds[0].at > WINDOW) seconds.shift();
  charts.forEach(chart => chart.take(seconds));
  showHead(status);
  showNotices(status);
  showPartitions(status);
  showOutcomes(status);
  showModel(status);
  showReady(status);
  showPlayground(status);
  if ($('follow').checked && !$('user-found').hidden && !document.hidden) refreshUser();
}

const TONES = { working: 'good', joined: 'good', halted: 'bad', draining: 'busy' };

function showHead(status) {
  put('where', `topic ${status.topic}, group ${status.group}`);
  const phase = $('phase');
  put('phase', status.standby ? 'standby' : status.phase);
  phase.dataset.tone = TONES[status.phase] ?? 'busy';
  put('since', `for ${lasted(status.at - status.phase_since)}`);
  document.title = `${status.standby ? 'standby' : status.phase} · ${status.topic} · StreamRec`;
}

let away = null;

function showNotices(status) {
  const texts = [];
  if (away) texts.push(away);
  if (status?.halt) {
    texts.push(`The worker was halted to protect the data: ${status.halt}. `
      + 'docs/operations.md says under that name what to do.');
  }
  for (const wait of status?.waiting ?? []) texts.push(waitText(wait));
  if (status?.totals.lost > 0) texts.push(`${count(status.totals.lost)} records were lost to retention.`);
  const place = $('notices');
  if ([...place.children].map(child => child.textContent).join('\n') !== texts.join('\n')) {
    place.replaceChildren(...texts.map(text => el('p', { class: 'notice' }, text)));
  }
}

function waitText(wait) {
  return `${wait.partition === null ? 'The worker' : `Partition ${wait.partition}`} has been waiting for `
    + `${lasted(wait.seconds * 1000)}: ${wait.reason}${wait.error ? ` (${wait.error})` : ''}.`;
}

function showPartitions({ partitions }) {
  const owned = partitions.filter(partition => partition.assigned).length;
  put('owned', partitions.length === 0 ? '' : `${owned} of ${partitions.length} are this worker's`);
  const number = value => el('td', { class: 'number' }, value === null ? '–' : count(value));
  $('partitions').replaceChildren(...(partitions.length === 0
    ? [el('tr', {}, el('td', { colspan: 6, class: 'muted' }, 'The topic was not looked at yet.'))]
    : partitions.map(p => el('tr', p.assigned ? {} : { class: 'away' },
      el('td', {}, String(p.partition)),
      el('td', {}, p.assigned ? p.phase + (p.held ? ', paused' : '') : 'another worker’s, or nobody’s',
        p.error ? el('span', { class: 'error' }, p.error) : null),
      number(p.assigned ? p.lag : null), number(p.next), number(p.assigned ? p.pending : null),
      number(p.records)))));
}

const OUTCOMES = [
  ['known', 'accepted, on items of the model', ''],
  ['unknown', 'accepted, on items it does not know', 'bad'],
  ['duplicates', 'duplicates', ''],
  ['late', 'late: below what is kept', ''],
  ['unwanted', 'of other types', ''],
];

function showOutcomes({ outcomes, totals }) {
  const rows = [...OUTCOMES.map(([name, text, tone]) => [text, outcomes[name], tone]),
    ...Object.entries(outcomes.dead_letters).map(([reason, n]) => [`dead letters: ${reason}`, n, 'bad'])];
  const most = Math.max(1, rows.reduce((sum, [, n]) => sum + n, 0));
  $('outcomes').replaceChildren(...rows.map(([text, n, tone]) => el('li', { 'data-tone': tone },
    el('span', {}, text), el('span', {}, count(n)),
    el('meter', { min: 0, max: most, value: n, 'aria-label': text }))));
  put('troubles', `${count(totals.lists)} lists in ${count(totals.batches)} batches; ${count(totals.fenced)} fenced, `
    + `${count(totals.conflicts)} conflicts, ${count(totals.unanswered)} unanswered by Redis`);
}

function showModel(status) {
  const { model, catalogue } = status;
  const rows = model
    ? [['id', el('span', { class: 'mono' }, model.id)], ['items', count(model.items)], ['encoded', model.encoded]]
    : [['model', 'not loaded yet']];
  if (status.models) {
    const { promotion, staged, awaited, fault } = status.models;
    rows.push(['promotion', promotion ? String(promotion) : 'none yet']);
    if (staged) rows.push(['staged', `${staged.model}, ${staged.state}${staged.reason ? `: ${staged.reason}` : ''}`]);
    if (awaited) rows.push(['waits', awaited]);
    if (fault) rows.push(['cannot follow', fault]);
  }
  if (catalogue) rows.push(['catalogue', `${count(catalogue.items)} items, `
    + (catalogue.offset === null ? 'not read yet' : `through offset ${count(catalogue.offset)}`)]);
  rows.push(['names', status.names === 'catalogue' ? 'the catalogue’s titles'
    : status.names === 'demo' ? 'the demo’s shop' : 'none: no catalogue is followed']);
  $('model').replaceChildren(...rows.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)]));
  const hits = status.hit_rate;
  $('hits').replaceChildren(...(hits ? ['model', 'markov', 'popularity'] : []).map(name => el('li', {},
    el('span', {}, name), el('span', {}, hits[name] === null ? '–' : hits[name].toFixed(3)),
    el('meter', { min: 0, max: 1, value: hits[name] ?? 0, 'aria-label': `hit rate of ${name}` }))));
  put('hits-note', hits
    ? `Of ${count(hits.cases)} clicks, the share whose item was among the first ten just before.`
    : status.names === 'demo' ? 'Not measured yet.' : 'Not measured: nothing judges the lists of this worker.');
}

function check(tone, mark, text) {
  return el('li', { 'data-tone': tone }, el('span', { class: 'mark', 'aria-hidden': 'true' }, mark), el('span', {}, text));
}

function showReady(status) {
  $('ready').replaceChildren(...status.ready.map(condition => check(
    condition.ok ? 'good' : 'bad', condition.ok ? '✓' : '✗',
    `${condition.name}: ${condition.ok ? 'yes' : `no, ${condition.why}`}, since ${clock(condition.since)}`)));
  const waits = [
    ...(status.halt ? [check('bad', '✗', `halted: ${status.halt}`)] : []),
    ...status.waiting.map(wait => check('bad', '…', waitText(wait))),
  ];
  $('waits').replaceChildren(...(waits.length > 0 ? waits : [check('quiet', '–', 'none')]));
}

// ---- A user

let shownUser = null;
let asking = false;

function itemCell(item, name) {
  return el('td', { class: 'item' }, name ?? el('span', { class: 'mono' }, item),
    name ? el('span', { class: 'id' }, item) : null);
}

async function refreshUser() {
  if (asking || shownUser === null) return;
  asking = true;
  try {
    showUser(await ask(`/api/user?id=${encodeURIComponent(shownUser)}`));
    put('user-fault', '');
  } catch (fault) {
    put('user-fault', fault instanceof TypeError ? 'The worker does not answer.' : fault.message);
  } finally {
    asking = false;
  }
}

const SOURCES = {
  Own: 'The user’s own list', Popular: 'The popular list, for the user has none', None: 'No list',
  LastKnown: 'The list as it was',
};

function showUser(found) {
  const { list, sequence } = found;
  $('user-found').hidden = false;
  put('list-note', list.items.length === 0 ? `${SOURCES[list.source]}.`
    : `${SOURCES[list.source]}, written ${ago(list.age_ms)} by model ${list.model}`
      + (list.kind === 'model' || list.kind === 'popular' ? '' : `, kind ${list.kind}`)
      + (list.through === null ? '.' : `, through offset ${list.through}.`));
  $('list').replaceChildren(...list.items.map(row => el('tr', {},
    el('td', { class: 'number' }, String(row.rank)), itemCell(row.item, row.name),
    el('td', { class: 'number' }, row.score.toFixed(4)),
    el('td', { class: 'act' }, last?.playground ? clickButton(found.user, row) : null))));
  put('sequence-note', found.sequence_fault ?? (sequence === null
    ? 'The store holds no sequence of this user.'
    : `${count(sequence.kept)} events kept of ${count(sequence.accepted)}`
      + (found.partition === null ? '' : ` in partition ${found.partition}`)
      + `${sequence.events.length < sequence.kept ? `; the newest ${sequence.events.length}` : ''}, newest first.`));
  const now = last?.at ?? Date.now();
  const events = sequence?.events ?? [];
  const most = Math.max(...events.map(event => event.attention ?? 0));
  put('attention-note', sequence === null ? ''
    : sequence.attention_fault ?? (most > 0
      ? 'Attention: the share of each event in the attended part of the user’s vector, as the model encodes the sequence now. '
        + '– is an event that it does not encode. It says what the encoder looks at, and not why an item is on the list.'
      : 'The model says nothing of its attention.'));
  $('sequence').closest('table').classList.toggle('attended', most > 0);
  $('sequence').replaceChildren(...events.map(event => el('tr', {},
    el('td', { class: 'when', title: stamp(event.ts) }, ago(now - event.ts)),
    itemCell(event.item, event.name), el('td', {}, event.type), shareCell(event.attention, most))));
}

function shareCell(share, most) {
  return el('td', { class: 'share' }, ...(share === null ? ['–'] : [
    el('meter', { min: 0, max: most, value: share, 'aria-label': 'attention to this event' }),
    el('span', { class: 'of' }, `${short.format(100 * share)} %`)]));
}

function clickButton(user, row) {
  const button = el('button', { type: 'button', class: 'small', 'aria-label': `Click ${row.name ?? row.item}` }, 'click');
  button.addEventListener('click', () => {
    $('click-user').value = user;
    $('click-item').value = row.item;
    $('click').requestSubmit();
    $('playground').scrollIntoView();
  });
  return button;
}

function lookUp(user) {
  shownUser = user;
  $('user-id').value = user;
  $('click-user').value = user;
  history.replaceState(null, '', `#${new URLSearchParams({ user })}`);
  return during($('lookup'), 'user-fault', async () => showUser(await ask(`/api/user?id=${encodeURIComponent(user)}`)));
}

$('lookup').addEventListener('submit', event => {
  event.preventDefault();
  lookUp($('user-id').value);
});

// ---- Playground

function showPlayground(status) {
  $('click').hidden = !status.playground;
  $('playground-off').hidden = status.playground;
  if (status.names === 'demo') put('user-note', 'The demo’s shoppers are shopper-0000 to shopper-0099.');
}

function moves(before, after) {
  const was = new Map(before.map(row => [row.item, row.rank]));
  const is = new Set(after.map(row => row.item));
  const row = (one, move, text) => el('li', { 'data-move': move },
    el('span', { class: 'rank' }, String(one.rank)), el('span', { class: 'name' }, one.name ?? one.item),
    el('span', { class: 'move' }, text));
  $('before').replaceChildren(...before.map(one =>
    is.has(one.item) ? row(one, 'same', '') : row(one, 'gone', 'gone')));
  $('after').replaceChildren(...after.map(one => {
    const rank = was.get(one.item);
    return rank === undefined ? row(one, 'new', 'new')
      : rank > one.rank ? row(one, 'up', `▲ ${rank - one.rank}`)
      : rank < one.rank ? row(one, 'down', `▼ ${one.rank - rank}`)
      : row(one, 'same', '=');
  }));
}

$('click').addEventListener('submit', event => {
  event.preventDefault();
  const [user, item] = [$('click-user').value, $('click-item').value];
  during($('click'), 'click-fault', async () => {
    const result = await ask('/api/playground', { user, item });
    $('clicked').hidden = false;
    put('clicked-note', result.included
      ? `The list followed in ${short.format(result.ms)} ms: ${user} clicked ${item}, partition ${result.partition}, `
        + `offset ${count(result.offset)}.`
      : `The click is in the topic (partition ${result.partition}, offset ${count(result.offset)}), and no list has `
        + 'followed yet: it may be of an item that the model does not know, or the worker is behind.');
    moves(result.before.items, result.after.items);
    if (shownUser === user) await refreshUser();
  });
});

// ---- Dead letters

function letterEntry(letter) {
  const rows = [['why', letter.message], ['record', `${letter.topic} ${letter.partition}:${letter.offset}`],
    ['letter', letter.place], ['key', letter.key],
    [`value, ${count(letter.value_bytes)} bytes${letter.cut ? ', cut' : ''}`, letter.value]];
  return el('details', {},
    el('summary', {}, el('span', { class: 'reason' }, letter.reason),
      el('span', {}, `${letter.topic} ${letter.partition}:${letter.offset}`),
      el('span', { class: 'muted' }, stamp(letter.written_at))),
    el('dl', {}, ...rows.flatMap(([term, text]) => [el('dt', {}, term), el('dd', {}, text)])));
}

$('read-letters').addEventListener('click', () => during($('letters'), 'letters-fault', async () => {
  const { topic, letters } = await ask('/api/dead-letters');
  put('letters-note', letters.length === 0 ? `There are none in ${topic}.`
    : `The last ${letters.length} of ${topic}, newest first. A byte that is no text stands as \\xNN.`);
  const reasons = new Map();
  for (const letter of letters) reasons.set(letter.reason, (reasons.get(letter.reason) ?? 0) + 1);
  $('letter-reasons').replaceChildren(...[...reasons].map(([reason, n]) => el('li', {}, `${reason} ${n}`)));
  $('letter-list').replaceChildren(...letters.map(letterEntry));
  put('read-letters', 'Read again');
}));

// ---- The stream, and the token

let stream = null;

function listen() {
  stream?.close();
  stream = new EventSource('/events');
  stream.addEventListener('history', event => takeHistory(JSON.parse(event.data)));
  stream.addEventListener('status', event => {
    away = null;
    $('signin').hidden = true;
    takeStatus(JSON.parse(event.data));
  });
  stream.addEventListener('error', whyAway);
}

async function whyAway() {
  if (!$('signin').hidden) return;
  const closed = stream.readyState === EventSource.CLOSED;
  away = 'The worker does not answer: what is shown is from before.';
  $('phase').dataset.tone = 'bad';
  put('phase', 'no connection');
  if (closed) {
    // Refused, where the browser does not try again by itself: find out why.
    try {
      const answer = await fetch('/api/status', { cache: 'no-store' });
      if (answer.status === 401) return signIn();
      if (answer.ok) away = 'Too many pages are open on this worker: close one. This one tries again.';
    } catch { /* It is away. */ }
    setTimeout(listen, 3_000);
  }
  showNotices(last);
}

function signIn() {
  stream?.close();
  put('phase', 'locked');
  $('phase').dataset.tone = 'quiet';
  if ($('signin').hidden) {
    $('signin').hidden = false;
    $('token').focus();
  }
}

async function open(token) {
  await ask('/api/session', { token });
  $('signin').hidden = true;
  $('token').value = '';
  away = null;
  listen();
}

$('signin').addEventListener('submit', event => {
  event.preventDefault();
  during($('signin'), 'signin-fault', () => open($('token').value.trim()));
});

// The fragment is never sent: a token in it goes to the worker alone, and out of the address at once.
const given = new URLSearchParams(location.hash.slice(1));
if (given.has('token')) {
  history.replaceState(null, '', location.pathname);
  during($('signin'), 'signin-fault', () => open(given.get('token')));
} else {
  listen();
}
if (given.has('user')) lookUp(given.get('user'));
