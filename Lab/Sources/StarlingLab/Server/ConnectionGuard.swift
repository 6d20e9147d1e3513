import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Ends connections that dawdle, and says what is wrong with those that do not speak HTTP.
///
/// It stands before Hummingbird's own handlers. These close a connection on which nothing comes for a
/// while, so that a request whose head drips in is cut off; but each byte of a body counts for them
/// as something. Here a whole body has a deadline, behind which its sender is told so, and so has each
/// part of an answer that the client will not take.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// How many seconds a request's body may take.
  private static let bodyLimit = 10
  /// How long a client may leave a part of an answer lying.
  private static let answerLimit = TimeAmount.seconds(30)
  /// How long a client that was refused may take to read why.
  private static let partingTime = TimeAmount.seconds(1)

  private var bodyDeadline: Scheduled<Void>?
  /// Whether a request has begun and not ended.
  private var isReading = false
  /// How many requests have begun whose answers have not ended.
  private var unanswered = 0
  /// Whether an answer has begun and not ended: then nothing else may be written.
  private var isAnswering = false
  private var isBroken = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    // What comes after a refusal belongs to no request that is still to be answered.
    guard !isBroken else { return }
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      isReading = true
      bodyDeadline?.cancel()
      let slow = LabError(
        .requestTimeout, field: "body",
        "the body: expected all of it within \(Self.bodyLimit) seconds, found it still under way; send it faster"
      )
      bodyDeadline = context.eventLoop.assumeIsolated().scheduleTask(
        in: .seconds(Int64(Self.bodyLimit))
      ) {
        self.refuse(slow, context: context)
      }
    case .body:
      break
    case .end:
      isReading = false
      bodyDeadline?.cancel()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // What was still being answered when the connection broke is nobody's any more.
    guard !isBroken else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    switch unwrapOutboundIn(data) {
    case .head(let head):
      isAnswering = head.status.kind != .informational
      context.write(data, promise: promise)
    case .body, .end:
      if case .end = unwrapOutboundIn(data) {
        isAnswering = false
        unanswered -= 1
      }
      let written = promise ?? context.eventLoop.makePromise(of: Void.self)
      let deadline = Self.closing(context.channel, in: Self.answerLimit)
      written.futureResult.whenComplete { _ in deadline.cancel() }
      context.write(data, promise: written)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.headerOverflow:
      refuse(
        LabError(
          .requestHeaderFieldsTooLarge,
          "the head of the request: expected less of it, found more; send fewer, shorter headers"),
        context: context)
    case HTTPParserError.invalidEOFState:
      refuse(
        LabError("the request: expected more of it, found the connection's end; send all of it"),
        context: context)
    case is HTTPParserError, is HTTP1TypeConversionError:
      refuse(
        LabError("the request: expected HTTP/1.1, found something else; send well-formed HTTP"),
        context: context)
    default:
      context.fireErrorCaught(error)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    bodyDeadline?.cancel()
    context.fireChannelInactive()
  }

  /// Answers what cannot be read as a request, and closes.
  private func refuse(_ refusal: LabError, context: ChannelHandlerContext) {
    guard !isBroken else { return }
    // Behind a request that still waits for its own answer, this one would be taken for that.
    if !isAnswering, unanswered == (isReading ? 1 : 0) { write(refusal, context: context) }
    isBroken = true
    bodyDeadline?.cancel()
    // What the client still sends is not read. To close while it lies there would reset the
    // connection, and the client might never see the answer.
    context.close(mode: .output, promise: nil)
    _ = Self.closing(context.channel, in: Self.partingTime)
  }

  private func write(_ refusal: LabError, context: ChannelHandlerContext) {
    var response = refusal.response
    SecurityHeaders.add(to: &response.headers)
    response.headers[.connection] = "close"
    context.write(wrapOutboundOut(.head(response.head)), promise: nil)
    context.write(wrapOutboundOut(.body(refusal.bytes)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private static func closing(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
    channel.eventLoop.scheduleTask(in: time) {
      channel.close(promise: nil)
    }
  }
}
