// What the room says, and what becomes of it here: one function for each type of message (see room.h).
'use strict';

function receive(data) {
  heard = Date.now();
  asked = 0;
  if ($('state').dataset.state === 'slow' && !away) show_state('open', 'Connected');
  try {
    const message = JSON.parse(data);
    const handler = Object.prototype.hasOwnProperty.call(handlers, message.type) && handlers[message.type];
    if (handler) handler(message);
  } catch (error) {
    cannot_show(error);
  }
}

// One message that this browser cannot show must not cost the others.
function cannot_show(error) {
  console.error(error);
  notice('Something arrived that this page cannot show.');
}

function add_shown(message) {
  try {
    add_message(message);
  } catch (error) {
    cannot_show(error);
  }
}

const handlers = {
  welcome(message) {
    const restarted = epoch && epoch !== message.epoch, first = !epoch;
    if (restarted) { seq = 0; notice('The server has started anew.'); }
    epoch = message.epoch;
    failures = 0;
    rename_self(message.you);
    room = message.room;
    bot = message.bot;
    members = new Set(message.members);
    $('room').textContent = room;
    show_members();
    add_history(message, first || restarted);
    welcomed = true;
    set_inside(true);
    enter();
    take_address();   // of a draft from before
    show_state('open', 'Connected');
    show_unread();
    remember_seen();
  },
  message: add_message,
  action: add_message,
  private: add_message,
  joined({name}) { members.add(name); show_members(); note_coming(name, true); },
  left({name}) { members.delete(name); stop_typing(name); show_members(); note_coming(name, false); },
  renamed({from, name}) {
    if (from === me) { rename_self(name); confirm_oldest(true); }
    if (from === to) address_to(name);
    if (looks.has(from)) looks.set(name, looks.get(from));
    members.delete(from);
    members.add(name);
    stop_typing(from);
    show_members();
    notice(`${from} is now ${name}.`);
  },
  typing({name}) { typists.set(name, Date.now() + 6000); show_typing(); },
  info(message) {
    last_words = message.text;
    if (!kReplaced.test(last_words)) confirm_oldest(true);   // else it answers nothing that we said
    show_info(message.text);
  },
  error(message) {
    if (message.wait) return join_later(message);
    if (!welcomed) return ask_name(message.text);   // and not: if we are not inside, as we are not while the room is away
    const refused = confirm_oldest(false);
    show_refusal(message.text);
    if (refused) give_back(refused);
  },
  // The room cannot be reached by this server; it can again.
  away() { away = true; set_inside(false); show_state('slow', 'No room', 'The room cannot be reached. It will be back.'); },
  back() {
    away = false;
    if (welcomed) { set_inside(true); show_state('open', 'Connected'); }
    else if (me) join();
    else show_state('idle', 'Not in the room');   // the person is still looking for a name
  },
};

function join_later(message) {
  const asked_here = socket;
  show_state('connecting', 'Please wait', message.text);
  $('join-error').textContent = message.text;
  setTimeout(() => { if (socket === asked_here && !inside) join(); }, message.wait * 1000);
}

// A refused line goes back to its author: into the box, if that is free.
function give_back({said, alone}) {
  if (!text.value && (!to || to === alone)) {
    if (alone) address_to(alone);
    set_text(said);
  } else {
    add_pending(said, alone);
    fail(pending[pending.length - 1], 'Not sent.');
  }
}

// What was said while we were not connected. It is not read aloud, message by message.
function add_history({history, missed, seq: latest}, fresh) {
  log.setAttribute('aria-live', 'off');
  const earliest = history.length ? history[0].seq : latest + 1;
  if (fresh && earliest > 1) notice('What was said earlier is no longer kept.');
  if (missed) notice(`${missed} messages in between are no longer kept.`);
  const seen = last_seen();
  let border_due = seen !== null;
  // In a new epoch the room may still have what we have shown: as when Redis has started again, with its file.
  const shown = new Set([...log.querySelectorAll('[data-seq]')].map(
      item => print_of(item.dataset.seq, item.dataset.from, item.querySelector('time').dateTime, item.raw)));
  for (const message of history) {
    if (fresh && shown.has(print_of(message.seq, message.from, message.time, message.text))) continue;
    if (border_due && message.seq > seen && message.from !== me) { draw_border(); border_due = false; }
    add_shown(message);
  }
  seq = Math.max(seq, latest);
  setTimeout(() => log.removeAttribute('aria-live'), 500);
  if (fresh) to_bottom();
}

// What tells a message from all others, whatever the epoch.
const print_of = (...parts) => parts.join('\n');

function rename_self(name) {
  me = here.chat_name = everywhere.chat_name = name;
}
