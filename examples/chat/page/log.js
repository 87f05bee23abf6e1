// The log: messages, notices, what was sent and is not back yet; and how it follows what comes.
'use strict';

const log = $('log'), pending_box = $('pending');
const kMostKept = 1000;                     // elements; a room that talks all day would fill the memory

let last = null;                            // the message above, for telling what belongs together
let comings = null;                         // the notice above, if it tells of those who came and left

function append_to_log(item) {
  log.insertBefore(item, pending_box);
  while (log.childElementCount > kMostKept) log.firstElementChild.remove();
  if (following) to_bottom();
  else $('jump').hidden = false;
}

// ---- Messages ----

function add_message(message) {
  if (message.seq <= seq) return;           // seen before the connection was lost
  const item = element_of(message);         // before we count it: what cannot be shown throws
  const when = new Date(message.time), own = message.from === me;
  seq = message.seq || seq;
  if (own) confirm_sent(message.text);
  add_day(when);
  if (!own && inside && !looking()) draw_border();
  if (goes_on(message, when)) item.classList.add('more');
  append_to_log(item);
  last = {...message, when};
  comings = null;
  stop_typing(message.from);
  if (!own) count_unread(message, item.matches('.mention, .private'));
  remember_seen();
}

// Whether the message belongs to the one above, so that name and time need not be said again.
function goes_on({from, type, to}, when) {
  return last && type !== 'action' && last.from === from && last.type === type && last.to === to &&
      when - last.when < 5 * 60 * 1000;
}

function element_of(message) {
  const {type, from, to, text} = message, own = from === me;
  const body = body_of(text, own ? '' : me);
  const kind = [own && 'own', from === bot && 'bot', type !== 'message' && type, body.querySelector('mark') && 'mention'];
  const item = element('article', ['message', ...kind.filter(Boolean)].join(' '));
  item.dataset.from = from;
  if (message.seq) item.dataset.seq = message.seq;
  item.tabIndex = -1;
  item.raw = text;                          // what Copy copies: with its backquotes
  const head = element('div', 'head');
  head.append(name_of(from, 'from'));
  if (type === 'private') head.append(element('span', 'alone ui', own ? `to ${to} alone` : 'to you alone'));
  if (body.querySelector('mark')) head.append(element('span', 'unseen', 'mentions you'));
  head.append(time_of(message));
  item.append(head, body);
  return item;
}

// The room's clock is UTC; the reader's is wherever the reader is.
function time_of(message) {
  const when = new Date(message.time);
  const time = element('time', '', when.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'}));
  time.dateTime = message.time;
  time.title = when.toLocaleString();
  return time;
}

let day = '';
function add_day(when) {
  const words = when.toLocaleDateString([], {weekday: 'long', day: 'numeric', month: 'long'});
  if (words === day) return;
  day = words;
  last = comings = null;
  append_to_log(element('p', 'day', words));
}

// ---- Notices ----

function notice(words) {
  const item = element('div', 'notice', words);
  append_to_log(item);
  last = comings = null;
  return item;
}

// What the room says about itself. Lines with a wide gap in them, as /help has, become a list of two columns.
function show_info(words) {
  const lines = words.split('\n').map(line => line.split(/ {2,}/)), list = element('dl');
  for (const [what, meaning] of lines.filter(line => line.length === 2)) {
    list.append(element('dt', '', what), element('dd', '', meaning));
  }
  if (!list.childElementCount) return notice(words);
  notice(lines.filter(line => line.length !== 2).join('\n')).append(list);
  if (following) to_bottom();               // it has grown since notice() looked
}

// A script that sends three hundred lines at once gets three hundred refusals; people see one, with a number.
let refusal = null;
function show_refusal(words) {
  if (refusal && refusal.words === words && Date.now() - refusal.at < 10000) {
    refusal.at = Date.now();
    refusal.item.textContent = `${words} (${++refusal.count} times)`;
    return;
  }
  const item = notice(words);
  item.classList.add('error');
  item.setAttribute('role', 'alert');
  refusal = {words, item, count: 1, at: Date.now()};
}

// Those who come and leave with nothing said in between share one notice. `came`: else they left.
function note_coming(name, came) {
  if (!comings) {
    const item = notice('');
    comings = {item, first: new Map(), latest: new Map()};
  }
  if (!comings.first.has(name)) comings.first.set(name, came);
  comings.latest.set(name, came);
  comings.item.replaceChildren(sentence_of(comings));
  if (following) to_bottom();
}

function sentence_of({first, latest}) {
  const names = (came, is_in) => [...first.keys()].filter(name => first.get(name) === came && latest.get(name) === is_in);
  const tell = (who, what) => who.length ? [`${list_of(who)} ${who.length === 1 ? 'has' : 'have'} ${what}.`] : [];
  return [...tell(names(true, true), 'come in'), ...tell(names(true, false), 'come in and left'),
          ...tell(names(false, false), 'left'), ...tell(names(false, true), 'left and come back')].join(' ');
}

// ---- What was sent and has not come back ----

// One's own message is shown at once, below everything, and marked; the room's copy of it, with its number, then takes
// its place. So what is sent into a dead connection does not vanish.
let pending = [];

function add_pending(said, alone) {
  const item = element('article', 'pending own'), head = element('div', 'head');
  head.append(name_of(me, 'from'));
  if (alone) head.append(element('span', 'alone ui', `to ${alone} alone`));
  item.classList.toggle('private', Boolean(alone));
  const like = {from: me, type: alone ? 'private' : 'message', to: alone || undefined};
  item.classList.toggle('more', pending.length > 0 || Boolean(goes_on(like, Date.now())));
  const shown = alone ? said : said.replace(/^(\/me|all:)\s*/i, '');
  item.append(head, body_of(shown, ''), element('p', 'fate ui', 'Sending…'));
  pending_box.append(item);
  pending.push({said, alone, item, at: Date.now(), failed: false});
  to_bottom();
}

// What comes back ends as the line did that was sent: whatever stood before it was a command.
function confirm_sent(text) {
  const which = pending.find(each => each.said.endsWith(text));
  if (which) forget(which);
}

// An answer that is not the message itself. Answers to commands come in order.
function confirm_oldest(is_command) {
  const waiting = pending.filter(each => !each.failed);
  const which = waiting.find(each => is_command && /^\/|^(username:|disconnect$)/i.test(each.said)) || waiting[0];
  if (which) forget(which);
  return which;
}

function forget(which) {
  which.item.remove();
  pending = pending.filter(each => each !== which);
}

// Still on its way, and not just now: it says so, and the log grows by a line.
function mark_late(which) {
  which.item.classList.add('late');
  if (following) to_bottom();
}

// It did not arrive, or nobody knows. To send it again by ourselves could say it twice, so that is left to its author.
function fail(which, why) {
  which.failed = true;
  which.item.classList.add('late', 'failed');
  const fate = which.item.querySelector('.fate');
  fate.textContent = why;
  const again = element('button', 'link', 'Send again'), away = element('button', 'link', 'Discard');
  again.type = away.type = 'button';
  again.onclick = () => { if (inside) { forget(which); say(which.said, which.alone); text.focus(); } };
  away.onclick = () => { forget(which); text.focus(); };
  fate.append(again, away);
  if (following) to_bottom();
}

// ---- Following ----

// Whether the newest is to stay in sight: as long as nobody scrolls away from it. It is remembered and not measured,
// since the log also gets smaller, under a long draft or in a smaller window, and is then no longer at its end.
let following = true;

const at_bottom = () => log.scrollHeight - log.scrollTop - log.clientHeight < 60;

function to_bottom() {
  following = true;
  log.scrollTop = log.scrollHeight;
  $('jump').hidden = true;
}

// A scroll event may come from a height that has just changed, and then it is nobody's wish: the observer below is told of
// that, too, and sets things right.
let height = log.clientHeight;
log.onscroll = () => {
  if (log.clientHeight !== height) return;
  following = at_bottom();
  if (following) $('jump').hidden = true;
};
function resized() {
  height = log.clientHeight;
  if (following) to_bottom();
}
if ('ResizeObserver' in window) new ResizeObserver(resized).observe(log);
else addEventListener('resize', resized);
$('jump').onclick = () => { to_bottom(); text.focus(); };

// ---- One message: with the pointer, a finger or the keyboard ----

// There is one Copy button, which stands where it is needed: a thousand of them would all be read aloud.
const copy = element('button', 'copy ui', 'Copy');
copy.type = 'button';

function offer_copy(target) {
  const item = target.closest('.message');
  if (!item || copy.parentNode === item) return;
  copy.textContent = 'Copy';
  copy.setAttribute('aria-label', `Copy what ${item.dataset.from} wrote`);
  log.setAttribute('aria-live', 'off');     // a button that moves is no news
  item.append(copy);
  setTimeout(() => log.removeAttribute('aria-live'), 100);
}

log.addEventListener('pointerover', event => offer_copy(event.target));
log.addEventListener('focusin', event => offer_copy(event.target));

copy.onclick = async () => {
  const item = copy.parentNode;
  try {
    await navigator.clipboard.writeText(item.raw);
  } catch {
    // Without TLS, and from elsewhere than this machine, there is no clipboard but the old one.
    getSelection().selectAllChildren(item.querySelector('.text'));
    document.execCommand('copy');
  }
  copy.textContent = 'Copied';
  tell_aloud('Copied.');
};

log.onkeydown = event => {
  const step = {ArrowUp: -1, ArrowDown: 1}[event.key];
  // Who types there means the box: the letter itself then arrives in it. A space still scrolls.
  const is_letter = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.key === 'Escape' || is_letter) return text.focus();
  if (!step || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
  const items = [...log.querySelectorAll('.message')];
  const at = items.indexOf(document.activeElement.closest('.message'));
  const next = at < 0 ? items[items.length - 1] : items[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
};
