/// Pictures of a data set on pages, as plain values.
public struct GalleryContent: Sendable {
  /// One class or value, with its colour in the pictures.
  public struct Mark: Sendable {
    public var text: String
    /// `#rrggbb`; nil for what is not drawn.
    public var colour: String?

    public init(_ text: String, colour: String? = nil) {
      self.text = text
      self.colour = colour
    }
  }

  public struct Picture: Sendable {
    public var name: String
    /// Relative to the folder of ``GalleryPage/indexName``; nil when there is nothing to show.
    public var file: String?
    /// Of the file, in pixels.
    public var width: Int
    public var height: Int
    public var marks: [Mark]
    /// Further lines for people.
    public var lines: [String]
    /// Why it takes no part, and what to do; nil for one that does.
    public var cause: String?

    public init(
      name: String, file: String?, width: Int, height: Int, marks: [Mark], lines: [String], cause: String? = nil
    ) {
      self.name = name
      self.file = file
      self.width = width
      self.height = height
      self.marks = marks
      self.lines = lines
      self.cause = cause
    }
  }

  /// Pictures that belong together: those of one class in one split, or those left out for one kind of cause.
  public struct Group: Sendable {
    /// Row and column of the table on the first page.
    public var row: String
    public var column: String
    public var pictures: [Picture]

    public init(row: String, column: String, pictures: [Picture]) {
      self.row = row
      self.column = column
      self.pictures = pictures
    }
  }

  public var title: String
  public var subtitle: String
  /// How the data set was read, and what was left out.
  public var reading: ReportContent.Reading
  public var colours: [Mark] = []
  public var groups: [Group] = []
  public var leftOut: [Group] = []

  public init(title: String, subtitle: String, reading: ReportContent.Reading) {
    self.title = title
    self.subtitle = subtitle
    self.reading = reading
  }
}
