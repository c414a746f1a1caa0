import AssayImage
import AssayStation
import HTTPTypes

extension HTTPFailure {
  /// How it is said over HTTP that a part has no verdict.
  init(_ refusal: PartRefusal) {
    self.init(Self.status(refusal), refusal.description, headers: Self.headers(refusal))
  }

  private static func status(_ refusal: PartRefusal) -> HTTPResponse.Status {
    switch refusal {
    case .noModel: .notFound
    case .full: .tooManyRequests
    case .waitedTooLong, .noRoom, .closed: .serviceUnavailable
    case .overBudget: .contentTooLarge
    case .unreadable(let error):
      switch error.reason {
      case .tooLarge: .contentTooLarge
      case .notAnImage, .unsupported: .unsupportedMediaType
      case .notFound, .notReadable, .isDirectory, .empty, .truncated, .corrupt: .unprocessableContent
      }
    case .badInput, .onlyATile: .badRequest
    case .noFiniteAnswer, .failed: .internalServerError
    // The request as a whole could be read: one of its pictures cannot.
    case .inBatch(_, .unreadable): .unprocessableContent
    case .inBatch(_, let refusal): status(refusal)
    }
  }

  private static func headers(_ refusal: PartRefusal) -> HTTPFields {
    switch refusal {
    case .full, .waitedTooLong, .noRoom: [.retryAfter: "1"]
    case .closed: [.retryAfter: "5"]
    case .inBatch(_, let refusal): headers(refusal)
    default: [:]
    }
  }
}
