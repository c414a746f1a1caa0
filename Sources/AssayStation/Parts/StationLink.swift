/// A link to the plant: it may ask for inspections, and is told every result of the station, the same object that the
/// caller gets and the record keeps.
public protocol StationLink: Sendable {
  /// A part has been inspected and, unless `--record off`, its record is settled.
  ///
  /// Called from many threads; returns at once and never fails: what cannot be delivered is the link's own concern.
  func receive(_ answer: InspectAnswer)

  /// The network had no finite answer for a part, so it has no verdict. Called as for an answer.
  func receive(_ failure: InspectionFailure)

  /// For `/metrics` and the page.
  var health: LinkHealth { get }

  /// The station closes: delivers what it still has, within seconds. Blocks.
  func close()
}

extension StationLink {
  /// A link that asks for inspections itself has its answers.
  public func receive(_ answer: InspectAnswer) {}

  /// Most links tell verdicts alone.
  public func receive(_ failure: InspectionFailure) {}
}

/// How a link is.
public struct LinkHealth: Sendable, Encodable, Equatable {
  /// `mqtt`, `modbus` or `camera`.
  public let name: String
  public let isUp: Bool
  /// Why it is not up.
  public let failure: String?
  /// Since the station began.
  public let delivered: Int
  public let waiting: Int
  /// Given up because too many waited; the oldest go first.
  public let dropped: Int

  public init(
    name: String, isUp: Bool, failure: String? = nil, delivered: Int = 0, waiting: Int = 0, dropped: Int = 0
  ) {
    self.name = name
    self.isUp = isUp
    self.failure = failure
    self.delivered = delivered
    self.waiting = waiting
    self.dropped = dropped
  }
}
