/// A Flutter screen with an input line, and below it what the server echoes. It comes back when the connection is lost.
library;

import 'dart:async';

import 'package:flutter/material.dart';

import 'lasting_socket.dart';

class EchoPage extends StatefulWidget {
  const EchoPage({super.key, required this.url});

  final String url; // from Android's emulator, the computer is 10.0.2.2: ws://10.0.2.2:8467/

  @override
  State<EchoPage> createState() => _EchoPageState();
}

class _EchoPageState extends State<EchoPage> {
  final _input = TextEditingController();
  final _lines = <String>[];
  late final LastingSocket _socket;
  bool _open = false;

  @override
  void initState() {
    super.initState();
    _socket = LastingSocket(
      widget.url,
      onOpen: (_) => _set(open: true),
      onLost: (why, wait) {
        _set(open: false);
        _show('The connection is lost. Next try in ${(wait.inMilliseconds / 1000).ceil()} s.');
      },
    );
    _socket.messages.listen((message) => _show('$message'), onDone: () => _set(open: false));
  }

  // A page that is gone is told no more.
  void _set({required bool open}) {
    if (mounted) setState(() => _open = open);
  }

  void _show(String line) {
    if (mounted) setState(() => _lines.insert(0, line));
  }

  // What is not sent stays in the input line.
  void _send(String text) {
    if (_socket.send({'text': text, 'sent': DateTime.now().toUtc().toIso8601String()})) _input.clear();
  }

  @override
  void dispose() {
    unawaited(_socket.close());
    _input.dispose();
    super.dispose();
  }

  @override
  Widget build(BuildContext context) => Scaffold(
        appBar: AppBar(title: const Text('Echo')),
        body: Column(children: [
          Padding(
            padding: const EdgeInsets.all(16),
            child: TextField(
              controller: _input,
              onSubmitted: _send,
              decoration: InputDecoration(labelText: _open ? 'Say something' : 'Not connected; what you write is kept'),
            ),
          ),
          Expanded(child: ListView(children: [for (final line in _lines) ListTile(title: Text(line))])),
        ]),
      );
}
