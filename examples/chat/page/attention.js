// What calls somebody back who looks elsewhere: the title's count, a dot on the tab's icon, a notification for those
// who asked for them. And where the new begins, when they are back.
'use strict';

const looking = () => !document.hidden && document.hasFocus();

let unread = 0;

// For a message of somebody else. `called`: it is for me alone, or has my name in it.
function count_unread(message, called) {
  if (!inside || looking()) return;
  ++unread;
  show_unread();
  if (called) notify(message);
}

function show_unread() {
  document.title = (unread ? `(${unread}) ` : '') + room;
  const dot = unread ? "%3Ccircle cx='25' cy='8' r='7' fill='%231d6fd8'/%3E" : '';
  const icon = document.querySelector('link[rel=icon]');
  icon.href = icon.href.replace(/(%3Ccircle.*?%3E)?%3C\/svg%3E$/, `${dot}%3C/svg%3E`);
}

function attend() {
  if (!looking()) return;
  unread = 0;
  show_unread();
  remember_seen();
}
addEventListener('focus', attend);
document.addEventListener('visibilitychange', attend);

// ---- Up to where we have seen ----

// Kept beyond this page's life, for somebody who comes back tomorrow. The numbers count only within one epoch.
function remember_seen() {
  if (inside && looking()) everywhere.chat_seen = JSON.stringify({name: me, epoch, seq});
}

function last_seen() {
  try {
    const seen = JSON.parse(everywhere.chat_seen);
    return seen.name === me && seen.epoch === epoch ? seen.seq : null;
  } catch {
    return null;
  }
}

// The line above the first message that came while we were away. There is one at a time; it stays while we are back,
// and the first message after we have gone again moves it.
let border = null, border_is_old = false;
const grow_old = () => { border_is_old = !looking(); };
addEventListener('blur', grow_old);
document.addEventListener('visibilitychange', grow_old);

function draw_border() {
  if (border && !border_is_old && border.isConnected) return;
  if (border) border.remove();
  border = element('p', 'day new', 'New since you left');
  border_is_old = false;
  append_to_log(border);
  last = null;
}

// ---- Notifications ----

// Browsers ask people only after a click, and rightly so.
const can_notify = 'Notification' in window && window.isSecureContext;

$('bell').onclick = async () => {
  const on = !wants_notifications() && await Notification.requestPermission() === 'granted';
  if (!on && Notification.permission === 'denied') tell_aloud('The browser does not allow notifications here.');
  everywhere.chat_notify = on ? 'yes' : 'no';
  show_bell();
};

function wants_notifications() {
  return can_notify && everywhere.chat_notify === 'yes' && Notification.permission === 'granted';
}

function show_bell() {
  const on = wants_notifications(), denied = can_notify && Notification.permission === 'denied';
  $('bell').hidden = !can_notify || !inside;
  $('bell').disabled = denied;
  $('bell').setAttribute('aria-pressed', String(on));
  $('bell').title = denied ? 'The browser does not allow notifications here.' :
      'A notification when somebody writes to you alone, or writes your name, and you look elsewhere';
}

function notify(message) {
  if (!wants_notifications()) return;
  try {
    const title = message.type === 'private' ? `${message.from} to you alone` : `${message.from} in ${room}`;
    const shown = new Notification(title, {body: message.text.slice(0, 200), tag: 'chat'});
    shown.onclick = () => { window.focus(); shown.close(); };
  } catch {
    // A phone's Chrome shows them only for a service worker, which is more than this page wants to be.
  }
}
