public import AssayImage
public import AssayInspection

/// Why a part has no verdict. Whoever brought it says so in words of its own: HTTP by a status, Modbus by a number.
public enum PartRefusal: Error, Sendable, CustomStringConvertible {
  case noModel(String)
  /// Too many wait.
  case full
  /// Its turn did not come within so many seconds.
  case waitedTooLong(seconds: Double)
  case closed
  /// It can never fit into the station's memory.
  case overBudget(BudgetShortage)
  /// There was no room in the station's memory in time.
  case noRoom(BudgetShortage)
  /// The picture cannot be read.
  case unreadable(ImageError)
  /// The network's own input, as a caller gave it, is no number somewhere.
  case badInput(InspectionError)
  /// The network had no finite answer.
  case noFiniteAnswer(InspectionError)
  /// The network could not be run.
  case failed(InspectionError)
  /// One tile of a photograph has no verdict.
  case onlyATile
  /// One image of several: none of them is on record.
  indirect case inBatch(index: Int, PartRefusal)

  /// Sorts the errors of the lower layers.
  init(_ error: any Error, name: String) {
    if let refusal = error as? PartRefusal {
      self = refusal
      return
    }
    let error = InspectionError(error, name: name)
    switch error {
    case .image(let cause): self = .unreadable(cause)
    case .input: self = .badInput(error)
    case .notFinite: self = .noFiniteAnswer(error)
    case .runtime: self = .failed(error)
    }
  }

  /// Cause and remedy.
  public var description: String {
    switch self {
    case .noModel(let name): "there is no model \(name.prefix(100))"
    case .full: "the queue is full; try again in a second"
    case .waitedTooLong(let seconds):
      "no core became free within \(Self.text(seconds)) s (--longest-wait); try again in a second"
    case .closed: "the station is closing; try again"
    case .overBudget(let shortage): "\(shortage); send a smaller image, or start the station with more memory"
    case .noRoom(let shortage): "\(shortage), and others have it now; try again in a second"
    case .unreadable(let error): "\(error.cause); \(error.remedy)"
    case .badInput(let error), .noFiniteAnswer(let error), .failed(let error): "\(error.cause); \(error.remedy)"
    case .onlyATile: "one tile of a photograph has no verdict; send the photograph"
    case .inBatch(let index, let refusal): "image \(index), counted from 0: \(refusal)"
    }
  }

  private static func text(_ seconds: Double) -> String {
    seconds == seconds.rounded() && seconds < 1e9 ? String(Int(seconds)) : String(seconds)
  }

  /// As it is counted; nil for what is no fault of station or picture.
  package var reason: String? {
    switch self {
    case .noModel, .onlyATile: nil
    case .full: "queue full"
    case .waitedTooLong: "waited too long"
    case .closed: "closing"
    case .overBudget: "too large for the memory"
    case .noRoom: "no memory free"
    case .unreadable: "unreadable picture"
    case .badInput: "input not finite"
    case .noFiniteAnswer: "no finite answer"
    case .failed: "network failed"
    case .inBatch(_, let refusal): refusal.reason
    }
  }
}

/// What was asked of a `ByteBudget`, and what it has.
public struct BudgetShortage: Sendable, Equatable, CustomStringConvertible {
  /// `the request`, `the answer` or `the decoded picture`.
  public let what: String
  public let bytes: Int
  public let limit: Int

  public var description: String {
    "\(what) needs \(Self.size(bytes)) of memory, of which the station gives \(Self.size(limit)) to all that come at once "
      + "(--memory)"
  }

  private static func size(_ bytes: Int) -> String {
    bytes < 10 << 20 ? "\((bytes + 1023) >> 10) KiB" : "\((bytes + (1 << 20) - 1) >> 20) MiB"
  }
}
