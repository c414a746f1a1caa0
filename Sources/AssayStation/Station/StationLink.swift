import AssayInspection
import AssayModel

/// A link to the plant: it may ask for inspections, and is told every result of the station, the same object that the
/// caller gets and the record keeps.
public protocol StationLink: Sendable {
  /// A part has been inspected and, unless `--record off`, its record is settled.
  ///
  /// Called from many threads; returns at once and never fails: what cannot be delivered is the link's own concern.
  func receive(_ answer: InspectAnswer)

  /// For `/metrics` and the page.
  var health: LinkHealth { get }

  /// The station closes: delivers what it still has, within seconds. Blocks.
  func close()
}

extension StationLink {
  /// A link that asks for inspections itself has its answers.
  public func receive(_ answer: InspectAnswer) {}
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

extension Station {
  /// A bundle as links see it.
  public struct ServedModel: Sendable, Equatable, Encodable {
    public let name: String
    public let version: String
    /// In the order by which a class's number is meant.
    public let classes: [String]

    public init(name: String, version: String, classes: [String]) {
      self.name = name
      self.version = version
      self.classes = classes
    }
  }

  /// The bundles that are served now, by name.
  public var models: [ServedModel] {
    shelf.entries.compactMap(\.served).map {
      ServedModel(name: $0.name, version: $0.version, classes: $0.rule.numberedClasses)
    }
  }

  /// Why a link's picture was not inspected.
  public enum LinkFailure: Error, Sendable, Equatable {
    case noModel
    /// The queue is full, or the station closes.
    case busy
    /// The picture cannot be read, and why.
    case unreadable(String)
    case failed(String)
  }

  /// A picture that a link brings, on the same way as one that comes over HTTP.
  /// - Parameters:
  ///   - model: name of the bundle.
  ///   - image: an image file's bytes.
  ///   - serial: the part's number.
  public func inspect(model: String, image: [UInt8], serial: String?) async throws(LinkFailure) -> InspectAnswer {
    guard let bundle = shelf[model] else { throw .noModel }
    do {
      guard let answer = try await inspect(bundle, .image(image), name: "image", serial: serial).answer else {
        throw LinkFailure.failed("the image was not judged")
      }
      return answer
    } catch let failure as LinkFailure {
      throw failure
    } catch is QueueRefusal {
      throw .busy
    } catch let error as InspectionError {
      let text = "\(error.cause); \(error.remedy)"
      throw error.isCallers ? .unreadable(text) : .failed(text)
    } catch {
      throw .failed(String(describing: error))
    }
  }
}
