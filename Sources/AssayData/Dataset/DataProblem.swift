/// Something in a data set that cannot be used; the rest can.
public struct DataProblem: Sendable, Hashable, Codable, CustomStringConvertible {
  /// What kind of thing it is: equal kinds are said once, with a count.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// An entry names an image that is not there, or could be several.
    case imageNotFound
    /// A name leads out of the data set's folder.
    case imageOutside
    /// An image that cannot be read.
    case imageUnreadable
    /// An image of a format that is not read.
    case imageNotRead
    /// A file or folder that cannot be opened.
    case unreadable
    /// A name that is not UTF-8.
    case nameNotUTF8
    /// A text in an encoding that is not known.
    case encoding
    /// No annotation says what the image shows.
    case notAnnotated
    /// An annotation file that cannot be opened.
    case annotationUnreadable
    /// An annotation of a form that is not known.
    case unknownForm
    /// Something is marked, and nothing says as what.
    case withoutClass
    /// A class that is not declared.
    case unknownClass
    /// A value that cannot be used: no number, outside of the image, too few fields.
    case invalidValue
    /// The annotation was made for an image of another size.
    case sizeDiffers
    /// Two entries that contradict each other.
    case contradiction
    /// An image that stands where no class is named.
    case noClassFolder
    /// A folder of a class without an image.
    case emptyClass
    /// An annotation of which there is no image.
    case noImage
    /// The image is used, without the mask that it should have.
    case maskMissing
    case other
  }

  public let file: String
  /// 1-based line, in tables.
  public let line: Int?
  public let cause: String
  public let remedy: String
  public let kind: Kind
  /// The image that takes no part because of it, relative to the data set's folder; nil where none is lost.
  public let image: String?

  public init(
    file: String, line: Int? = nil, cause: String, remedy: String, kind: Kind = .other, image: String? = nil
  ) {
    self.file = file
    self.line = line
    self.cause = cause
    self.remedy = remedy
    self.kind = kind
    self.image = image
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file = try container.decode(String.self, forKey: .file)
    line = try container.decodeIfPresent(Int.self, forKey: .line)
    cause = try container.decode(String.self, forKey: .cause)
    remedy = try container.decode(String.self, forKey: .remedy)
    // Written by versions that knew no kinds.
    kind = try container.decodeIfPresent(Kind.self, forKey: .kind) ?? .other
    image = try container.decodeIfPresent(String.self, forKey: .image)
  }

  public var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(cause); \(remedy)" }
}
