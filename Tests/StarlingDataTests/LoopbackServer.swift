import Foundation

/// A mirror on this machine that answers as a test wants it to.
final class LoopbackServer: Sendable {
  enum Answer: Sendable {
    /// The file.
    case file([UInt8])
    /// The file's length, but only so many of its bytes.
    case cut([UInt8], after: Int)
    /// An error.
    case status(Int)
    /// Nothing, ever.
    case silence
    /// So many bytes of the file, then nothing, ever.
    case stall([UInt8], after: Int)
  }

  let url: URL
  private let listener: Int32

  /// A server that gives the answers of this function, which takes a file's name.
  init(_ answer: @escaping @Sendable (String) -> Answer) throws {
    #if os(Linux)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let listener = socket(AF_INET, stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, size) == 0 && listen(listener, 16) == 0
          && getsockname(listener, generic, &size) == 0
      }
    }
    guard isListening,
      let url = URL(string: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/")
    else { throw POSIXError(.EADDRNOTAVAIL) }
    self.url = url
    self.listener = listener
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        Thread.detachNewThread { Self.serve(connection, answer) }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func serve(_ connection: Int32, _ answer: (String) -> Answer) {
    defer { close(connection) }
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !request.suffix(4).elementsEqual([13, 10, 13, 10]) {
      let count = recv(connection, &buffer, buffer.count, 0)
      if count <= 0 { return }
      request += buffer.prefix(count)
    }
    let path = String(decoding: request, as: UTF8.self).split(separator: " ")[1]
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    switch answer(name) {
    case .file(let bytes): send(bytes, of: bytes.count, to: connection)
    case .cut(let bytes, let count):
      send(Array(bytes.prefix(count)), of: bytes.count, to: connection)
    case .status(let status): send([], of: 0, status: status, to: connection)
    case .silence: waitForGoodbye(connection)
    case .stall(let bytes, let count):
      send(Array(bytes.prefix(count)), of: bytes.count, to: connection)
      waitForGoodbye(connection)
    }
  }

  private static func send(
    _ bytes: [UInt8], of total: Int, status: Int = 200, to connection: Int32
  ) {
    let header = "HTTP/1.1 \(status) X\r\nContent-Length: \(total)\r\nConnection: close\r\n\r\n"
    let message = Array(header.utf8) + bytes
    var start = 0
    while start < message.count {
      let count = message[start...].withUnsafeBytes { systemSend(connection, $0) }
      if count <= 0 { return }
      start += count
    }
  }

  private static func waitForGoodbye(_ connection: Int32) {
    var byte: UInt8 = 0
    while recv(connection, &byte, 1, 0) > 0 {}
  }
}

/// A function outside, because the server has a `send` of its own; a client that hangs up must not
/// end the process by a signal.
private func systemSend(_ connection: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  #if os(Linux)
    return send(connection, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
  #else
    var isOn: Int32 = 1
    setsockopt(
      connection, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
    return send(connection, bytes.baseAddress, bytes.count, 0)
  #endif
}
