/// Pictures of a data set on pages, as plain values.
package struct GalleryContent: Sendable {
  /// One class or value, with its colour in the pictures.
  package struct Mark: Sendable {
    package var text: String
    /// `#rrggbb`; nil for what is not drawn.
    package var colour: String?

    package init(_ text: String, colour: String? = nil) {
      self.text = text
      self.colour = colour
    }
  }

  package struct Picture: Sendable {
    package var name: String
    /// Relative to the folder of ``GalleryPage/indexName``; nil when there is nothing to show.
    package var file: String?
    /// Of the file, in pixels.
    package var width: Int
    package var height: Int
    package var marks: [Mark]
    /// Further lines for people.
    package var lines: [String]
    /// Why it takes no part, and what to do; nil for one that does.
    package var cause: String?

    package init(
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
  package struct Group: Sendable {
    /// Row and column of the table on the first page.
    package var row: String
    package var column: String
    package var pictures: [Picture]

    package init(row: String, column: String, pictures: [Picture]) {
      self.row = row
      self.column = column
      self.pictures = pictures
    }
  }

  package var title: String
  package var subtitle: String
  /// How the data set was read, and what was left out.
  package var reading: ReportContent.Reading
  package var colours: [Mark] = []
  package var groups: [Group] = []
  package var leftOut: [Group] = []

  package init(title: String, subtitle: String, reading: ReportContent.Reading) {
    self.title = title
    self.subtitle = subtitle
    self.reading = reading
  }
}
