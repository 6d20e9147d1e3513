import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// One file on its way from one mirror.
///
/// The session calls its delegate on `queue`, and everything that changes is touched there alone:
/// that is why the class may call itself Sendable.
final class Transfer: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  private let queue = DispatchQueue(label: "starling.transfer")
  private let file: RemoteFile
  private let address: URL
  private let part: IncomingFolder.Part
  private let firstByteTimeout: Duration
  private let stallTimeout: Duration
  private let progress: @Sendable (DownloadProgress) -> Void

  private var continuation: CheckedContinuation<(size: Int, md5: String), any Error>?
  private var session: URLSession?
  private var isOver = false
  private var received = 0
  private var checksum = MD5()
  private var lastSign = ContinuousClock.now

  init(
    of file: RemoteFile, from address: URL, into part: IncomingFolder.Part,
    firstByteTimeout: Duration, stallTimeout: Duration,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) {
    self.file = file
    self.address = address
    self.part = part
    self.firstByteTimeout = firstByteTimeout
    self.stallTimeout = stallTimeout
    self.progress = progress
  }

  /// Fetches the file; returns what arrived.
  ///
  /// - Throws: ``MirrorFailure`` when the mirror fails, `FileError` when the disk does,
  ///   `CancellationError` when the task is cancelled.
  func run() async throws -> (size: Int, md5: String) {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { self.start(continuation) }
      }
    } onCancel: {
      queue.async { self.finish(.failure(CancellationError())) }
    }
  }

  private func start(_ continuation: CheckedContinuation<(size: Int, md5: String), any Error>) {
    guard !isOver else {
      continuation.resume(throwing: CancellationError())
      return
    }
    self.continuation = continuation
    let calls = OperationQueue()
    calls.underlyingQueue = queue
    calls.maxConcurrentOperationCount = 1
    let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: calls)
    self.session = session
    var request = URLRequest(url: address, cachePolicy: .reloadIgnoringLocalCacheData)
    // Else a server may say that the file is a compressed transfer of another, and it arrives
    // decompressed.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    session.dataTask(with: request).resume()
    lastSign = .now
    watch()
  }

  /// Gives up when the mirror has been silent for too long; looks again when it has not.
  private func watch() {
    let patience = received == 0 ? firstByteTimeout : stallTimeout
    let silence = ContinuousClock.now - lastSign
    if silence >= patience {
      finish(.failure(MirrorFailure(reason: "silent for \(patience.components.seconds) seconds")))
      return
    }
    let (seconds, attoseconds) = (patience - silence).components
    let wait = Double(seconds) + Double(attoseconds) * 1e-18
    queue.asyncAfter(deadline: .now() + wait) { [weak self] in
      if let self, !self.isOver { self.watch() }
    }
  }

  private func finish(_ result: Result<(size: Int, md5: String), any Error>) {
    guard !isOver else { return }
    isOver = true
    session?.invalidateAndCancel()
    session = nil
    continuation?.resume(with: result)
    continuation = nil
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let status = (response as? HTTPURLResponse)?.statusCode
    if let status, status != 200 {
      finish(.failure(MirrorFailure(reason: "answered with HTTP status \(status)")))
      completionHandler(.cancel)
    } else {
      completionHandler(.allow)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard !isOver else { return }
    lastSign = .now
    received += data.count
    guard received <= file.size else {
      finish(.failure(MirrorFailure(reason: "sent more than \(file.size) bytes")))
      return
    }
    do {
      try part.write(data)
    } catch {
      finish(.failure(error))
      return
    }
    checksum.update(data)
    progress(DownloadProgress(file: file.name, bytes: received, total: file.size))
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    if let error {
      finish(.failure(MirrorFailure(reason: Self.reason(error))))
    } else {
      finish(.success((received, checksum.hexadecimal())))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost, .dnsLookupFailed: "host not found"
    case .cannotConnectToHost: "no connection"
    case .notConnectedToInternet: "no network"
    case .networkConnectionLost: "connection lost"
    case .timedOut: "no answer in time"
    default: error.localizedDescription.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }
}
