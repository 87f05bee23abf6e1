// The connection: coming in, going out, and coming back. It is the last script, and starts everything.
'use strict';

// The name and the key outlive the tab. With the key the room hands the name over at once: to a reload, to a new
// connection before the old one is known to be dead, and to a second window, where the first one then ends.
let me = here.chat_name || '';
const key = everywhere.chat_key = everywhere.chat_key || crypto.getRandomValues(new Uint32Array(4)).join('-');

let socket = null, epoch = null, seq = 0;   // seq: of the last message that we have shown
let welcomed = false, away = false;         // on this connection: the room let us in; it cannot be reached
let inside = false;                         // welcomed, and one may write
let failures = 0, timer = 0;
let heard = 0, asked = 0;                   // when we last heard anything; since when we wait for an answer, or 0
const kReplaced = /joined from elsewhere/;  // what the room says to a window when another one takes over
let last_words = '';                        // the room's latest answer: if it hangs up, that is why

// Where the page is, there the room is, under whatever path a proxy has put both.
const address = () => location.href.replace(/^http/, 'ws').replace(/[?#].*/, '');

function connect() {
  clearInterval(timer);
  show_state('connecting', 'Connecting…');
  socket = new WebSocket(address());
  socket.onopen = join;
  socket.onmessage = event => receive(event.data);
  socket.onclose = event => lost(event);
  welcomed = away = false;
  heard = asked = Date.now();
}

const join = () => send({type: 'join', name: me, key, ...(epoch && {epoch, after: seq})});

function send(message) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function lost(event) {
  socket = null;
  set_inside(false);
  show_typing();
  for (const each of pending) if (!each.failed) fail(each, 'Perhaps not delivered.');
  if (event.code === 1000) wait_for_person();
  else if (me) retry_later();
}

// 1000 is the room's "goodbye": we were asked to leave, or have, and do not come back by ourselves. Why, the room has
// said before.
function wait_for_person() {
  here.removeItem('chat_name');
  const elsewhere = kReplaced.test(last_words);
  show_state('closed', elsewhere ? 'Open in another window' : 'Left the room');
  ask_name(elsewhere ? 'You came in from another window. Enter again to be here instead.' : '');
}

// 1, 2, 4 ... 30 seconds, each a bit more or less: else all the pages of a server that starts again would come
// back in the same instant.
function retry_later() {
  const delay = Math.min(30, 2 ** failures++) * (0.5 + Math.random());
  const at = Date.now() + delay * 1000;
  const tick = () => {
    const left = Math.ceil((at - Date.now()) / 1000);
    if (left <= 0) return connect();
    const why = navigator.onLine === false ? 'You are offline.' : 'The connection is lost.';
    show_state('waiting', 'No connection', `${why} Next try in ${left} s.`);
  };
  clearInterval(timer);
  timer = setInterval(tick, 500);
  tick();
}

function retry_now() {
  if (me && !socket && !$('retry').hidden) connect();
}
$('retry').onclick = retry_now;
addEventListener('online', retry_now);

// ---- Is anybody there? ----

// A browser answers Pings by itself and tells no page about them. So that a dead line does not pass for a quiet one,
// the page asks on its own: after a while of silence, when something it sent has not come back, when the computer has
// gone offline, and when somebody looks at it again.
function ask() {
  if (asked || !inside) return;
  asked = Date.now();
  send({type: 'ping'});
}

setInterval(() => {
  if (!socket) return;
  const now = Date.now();
  for (const each of pending) if (now - each.at > 1000) mark_late(each);
  const overdue = pending.some(each => !each.failed && now - each.at > 2500);
  if (asked && now - asked > 12000) return give_up();
  if (overdue || now - heard > 25000) ask();
  if (inside && asked && now - asked > 2500) show_state('slow', 'No answer', 'The server does not answer. We wait a little.');
}, 1000);

function give_up() {
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  lost({});
}

addEventListener('offline', ask);
document.addEventListener('visibilitychange', () => { if (!document.hidden) { ask(); retry_now(); } });

// ---- Coming in and going out ----

function ask_name(why) {
  $('name').value = me || everywhere.chat_name || '';
  me = '';
  if (socket) show_state('idle', 'Not in the room');
  for (const id of ['log', 'composer', 'people']) $(id).hidden = true;
  $('join').hidden = false;
  $('join-error').textContent = why;
  $('name').setAttribute('aria-invalid', String(Boolean(why)));
  $('name').select();
  $('name').focus();
}

function enter() {
  if ($('join').hidden) return;
  $('join').hidden = true;
  for (const id of ['log', 'composer', 'people']) $(id).hidden = false;
  to_bottom();
  grow();
  text.focus();
}

$('join').onsubmit = event => {
  event.preventDefault();
  me = $('name').value.trim();
  if (!me) return;
  if (socket && socket.readyState === WebSocket.OPEN) join();
  else if (!socket) connect();
};

function set_inside(now) {
  inside = now;
  $('send').disabled = !now;
  show_placeholder();
  show_bell();
}

// The state stands in the corner, for a glance, and is read aloud. While there is no connection the page says more,
// above the box: there one looks.
function show_state(state, words, more = words) {
  if ($('state').dataset.state !== state) $('state').textContent = words;
  $('state').dataset.state = state;
  $('retry').hidden = state !== 'waiting';
  $('banner').hidden = state !== 'waiting' && state !== 'slow' && (state !== 'connecting' || failures === 0);
  $('banner-text').textContent = more;
}

set_text(here.chat_draft || '');
$('name').value = everywhere.chat_name || '';
if (me) connect();
else show_state('idle', 'Not connected');
