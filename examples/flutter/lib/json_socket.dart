/// JSON over a WebSocket: one value a text message.
library;

import 'dart:async';
import 'dart:convert';
import 'dart:io';

class JsonSocket {
  /// Completes when the opening handshake has. Throws a [WebSocketException] or a [SocketException].
  static Future<JsonSocket> connect(String url) async =>
      // We offer no compression: it would only be declined.
      JsonSocket._(await WebSocket.connect(url, compression: CompressionOptions.compressionOff));

  JsonSocket._(this._socket) {
    _socket.pingInterval = const Duration(seconds: 30); // else a dead connection looks like a quiet one
    // Dart reads a socket only while somebody listens to it, and that goes for the server's Pings and its Close, too.
    // So we always listen, and messages wait in a stream of our own.
    // Simplification: any number of them. A client of a server that floods it would have to push back.
    _socket.listen(_receive, onError: _messages.addError, onDone: _messages.close);
  }

  final WebSocket _socket;
  final _messages = StreamController<Object?>();

  /// What the server sends, as maps, lists, strings, numbers, booleans or null; bytes as they are. It may be listened
  /// to once. A text that is no JSON is an error of the stream, and does not end it.
  Stream<Object?> get messages => _messages.stream;

  void _receive(dynamic message) {
    try {
      _messages.add(message is String ? jsonDecode(message) : message);
    } on FormatException catch (error) {
      _messages.addError(error);
    }
  }

  /// Anything that [jsonEncode] takes, as a text message.
  void send(Object? value) => _socket.add(jsonEncode(value));

  /// As a binary message.
  void sendBytes(List<int> bytes) => _socket.add(bytes);

  /// Starts the closing handshake. It is over when [messages] ends.
  Future<void> close([int code = WebSocketStatus.normalClosure, String reason = '']) => _socket.close(code, reason);

  /// What the server closed with; null before [messages] has ended.
  int? get closeCode => _socket.closeCode;
}
