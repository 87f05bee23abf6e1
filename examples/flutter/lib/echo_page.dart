/// A Flutter screen with an input line, and below it what the server echoes.
library;

import 'dart:async';

import 'package:flutter/material.dart';

import 'json_socket.dart';

class EchoPage extends StatefulWidget {
  const EchoPage({super.key, required this.url});

  final String url; // from Android's emulator, the computer is 10.0.2.2: ws://10.0.2.2:8467/

  @override
  State<EchoPage> createState() => _EchoPageState();
}

class _EchoPageState extends State<EchoPage> {
  final _input = TextEditingController();
  final _lines = <String>[];
  JsonSocket? _socket;

  @override
  void initState() {
    super.initState();
    unawaited(_talk());
  }

  Future<void> _talk() async {
    try {
      final socket = await JsonSocket.connect(widget.url);
      if (!mounted) return await socket.close();
      setState(() => _socket = socket);
      await for (final message in socket.messages) {
        _show('$message');
      }
      _show('The server has gone.');
    } catch (error) {
      _show('$error');
    }
    if (mounted) setState(() => _socket = null);
  }

  void _show(String line) {
    if (mounted) setState(() => _lines.insert(0, line));
  }

  void _send(String text) {
    _socket?.send({'text': text, 'sent': DateTime.now().toUtc().toIso8601String()});
    _input.clear();
  }

  @override
  void dispose() {
    unawaited(_socket?.close());
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
              enabled: _socket != null,
              onSubmitted: _send,
              decoration: const InputDecoration(labelText: 'Say something'),
            ),
          ),
          Expanded(child: ListView(children: [for (final line in _lines) ListTile(title: Text(line))])),
        ]),
      );
}
