// Where one writes: to everybody or to one, with names completed and earlier lines recalled. A draft outlives a lost
// connection, a reload, and a refusal.
'use strict';

const text = $('text');
const sent = [];             // what was sent before, for the arrow keys
let looked_up = 0;           // which of it is in the box: sent.length is none
let draft = '';
let typing_told = 0;
const kMostCharacters = 4000;   // as the room counts them: a letter is one, whatever it takes in bytes

$('composer').onsubmit = event => {
  event.preventDefault();
  submit();
};

function submit() {
  if (!text.value.trim() || !inside) return;
  take_address();
  const line = whole_line(), alone = is_for_one() ? to : '';
  const said = text.value.trim(), length = [...said].length;
  if (!said) return;
  // The room would refuse it, too. But what is larger than a message may be ends the connection, unanswered.
  if (length > kMostCharacters) {
    const [most, has] = [kMostCharacters, length].map(number => number.toLocaleString('en'));
    return show_refusal(`A message has at most ${most} characters; this one has ${has}.`);
  }
  say(said, alone);
  if (sent[sent.length - 1] !== line) sent.push(line);
  looked_up = sent.length;
  set_text('');
  typing_told = 0;
}

// `alone`: to this member; empty: the text itself says to whom.
function say(what, alone = '') {
  add_pending(what, alone);
  send({type: 'say', text: what, ...(alone && {to: alone})});
}

text.oninput = () => {
  take_address();
  keep_draft();
  grow();
  const is_public = text.value.trim() && !to && !/^[@/]|^chatbot:/.test(text.value);
  if (!is_public || Date.now() - typing_told < 3000) return;
  typing_told = Date.now();
  send({type: 'typing'});
};

text.onkeydown = event => {
  if (event.isComposing) return;   // Enter then chooses a character
  const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
  const handle = keys[event.key];
  if (handle && plain && handle()) event.preventDefault();
};

// Each says whether it has used the key; else the browser does with it what it always does.
const keys = {
  Enter() { submit(); return true; },
  Tab: complete_name,
  Escape() {
    if (is_completed()) undo_completion();
    else if (to) address_to('');
    else log.focus();
    return true;
  },
  Backspace() {
    if (!to || text.selectionEnd > 0) return false;
    address_to('');
    return true;
  },
  ArrowUp() { return !text.value.slice(0, text.selectionStart).includes('\n') && look_up(looked_up - 1); },
  ArrowDown() { return !text.value.slice(text.selectionEnd).includes('\n') && look_up(looked_up + 1); },
};

function look_up(which) {
  if (which < 0 || which > sent.length) return false;
  if (looked_up === sent.length) draft = whole_line();
  looked_up = which;
  address_to('');
  set_text(which === sent.length ? draft : sent[which]);
  take_address();
  return true;
}

function set_text(value) {
  text.value = value;
  keep_draft();
  grow();
}

function keep_draft() { here.chat_draft = whole_line(); }

// For browsers that do not know field-sizing.
function grow() {
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
}

// ---- To one alone ----

// Whom the text goes to; empty: everybody. It stays until it is taken back: what is meant for one must not reach all
// because somebody forgot to say it twice.
let to = '';

function address_to(name) {
  to = name;
  $('to').hidden = !to;
  $('to-name').textContent = `to ${to} alone`;
  $('composer').classList.toggle('private', Boolean(to));
  keep_draft();
  show_placeholder();
}
$('to-all').onclick = () => { address_to(''); text.focus(); };

// Whom the line is for that begins with @Bob or with @"Ada Lovelace", and how long that beginning is. Null: nobody
// who is here.
function address_in(line) {
  const found = /^@(?:"([^"]+)"|([^\s,:"]+))[\s,:]+/.exec(line);
  const name = found && [...members].find(each => same_name(each, found[1] || found[2]));
  return name ? {name, length: found[0].length} : null;
}

// Such a beginning in the box becomes the address.
function take_address() {
  const address = address_in(text.value);
  if (!address) return;
  text.value = text.value.slice(address.length);
  address_to(address.name);
}

// These few commands are nobody's text. Any other line to one alone stays private, be it "/me waves".
const is_for_one = () => to && !/^\s*\/(who|help|quit|name)\b/.test(text.value);

// As one would have typed it: what is recalled and what is kept.
function whole_line() {
  const line = text.value.trim();
  return is_for_one() ? `@${quoted(to)} ${line}` : line;
}

const quoted = name => /[\s,:?!]/.test(name) ? `"${name}"` : name;

function show_placeholder() {
  text.placeholder = !inside ? 'What you write is kept' :
      to ? `Write to ${to} alone` : 'Write to everybody';
}

// ---- Names completed ----

let completion = null;       // the latest: {start, stem, names, which, value, at}

// Whether the box still is as it left it. After any other change, be it a click, Tab and Escape have nothing to go on
// with.
const is_completed = () => completion && text.value === completion.value && text.selectionEnd === completion.at;

// Tab takes the first name that begins as the word before the cursor does, Tab again the next one. With nothing to
// complete, Tab leaves the box, as everywhere.
function complete_name() {
  if (!is_completed()) completion = begin_completion();
  if (!completion) return false;
  const {start, stem, names} = completion;
  completion.which = (completion.which + 1) % names.length;
  const name = names[completion.which], at = stem.startsWith('@');
  replace_word(start, at ? `@${quoted(name)} ` : start > 0 ? `${name} ` : `${name}, `);
  completion.value = text.value;
  completion.at = text.selectionEnd;
  tell_aloud(`${name}, ${completion.which + 1} of ${names.length}`);
  return true;
}

function begin_completion() {
  const before = text.value.slice(0, text.selectionStart);
  const stem = /(?:^|\s)(@?[^\s@]*)$/.exec(before);
  if (!stem || !stem[1] || text.selectionEnd > text.selectionStart) return null;
  const begin = stem[1].replace('@', '');
  const names = [...members].filter(name => name !== me && same_name(name.slice(0, begin.length), begin)).sort();
  return names.length ? {start: before.length - stem[1].length, stem: stem[1], names, which: -1} : null;
}

function undo_completion() {
  replace_word(completion.start, completion.stem);
  completion = null;
}

function replace_word(start, word) {
  text.setRangeText(word, start, text.selectionStart, 'end');
  keep_draft();
  grow();
}
