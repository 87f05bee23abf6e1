/// A [JsonSocket] that comes back: one conversation, over as many connections as it takes.
library;

import 'dart:async';
import 'dart:io';
import 'dart:math';

import 'json_socket.dart';

/// 1, 2, 4 ... 30 seconds, each a bit more or less: else all the clients of a server that starts again would come back in
/// the same instant.
Duration waitAfter(int failures) =>
    Duration(milliseconds: (min(30, 1 << min(failures, 5)) * 1000 * (0.5 + Random().nextDouble())).round());

class LastingSocket {
  /// Connects, and connects again whenever the connection is lost, until [close], or until the server says with the close
  /// code 1000 that it is done.
  ///
  /// [onOpen] is called at the beginning of each connection, with how to send on it: the place to log in, or to join again
  /// and to say what one has seen. [onLost] is told why a connection ended, or could not be made, and how long we wait.
  LastingSocket(this.url, {this.onOpen, this.onLost, this.wait = waitAfter}) {
    unawaited(_stay());
  }

  final String url;
  final void Function(void Function(Object? value) send)? onOpen;
  final void Function(String why, Duration wait)? onLost;
  final Duration Function(int failures) wait;

  final _messages = StreamController<Object?>();
  final _closed = Completer<void>();
  JsonSocket? _socket;

  /// What the server sends, over all connections.
  Stream<Object?> get messages => _messages.stream;

  bool get isOpen => _socket != null;

  /// False: there is no connection, and so [value] was not sent. It is not kept for later, either: only its author knows
  /// whether it still makes sense then. True does not mean that it arrives.
  bool send(Object? value) {
    _socket?.send(value);
    return isOpen;
  }

  Future<void> close() async {
    if (!_closed.isCompleted) _closed.complete();
    await _socket?.close();
  }

  Future<void> _stay() async {
    for (var failures = 0; !_closed.isCompleted; ++failures) {
      var why = 'the server closed the connection';
      try {
        final socket = await JsonSocket.connect(url);
        failures = 0;
        await _talk(socket);
        if (socket.closeCode == WebSocketStatus.normalClosure) break;
      } catch (error) {
        why = '$error';
      }
      if (_closed.isCompleted) break;
      final pause = wait(failures);
      onLost?.call(why, pause);
      await Future.any([Future<void>.delayed(pause), _closed.future]);
    }
    await _messages.close();
  }

  // To the end of one connection. Somebody may have called close() while it was being made.
  Future<void> _talk(JsonSocket socket) async {
    if (_closed.isCompleted) return await socket.close();
    _socket = socket;
    onOpen?.call(socket.send);
    try {
      await socket.messages.forEach(_messages.add);
    } finally {
      _socket = null;
    }
  }
}
