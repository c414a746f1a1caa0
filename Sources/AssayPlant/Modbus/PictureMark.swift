package import AssayData
package import AssayStation

/// Which of a folder's pictures one is.
package struct PictureMark: Sendable, Equatable {
  package let name: ExactName
  /// Its file as it was when it was read; nil for pictures that are no files.
  package let file: FileMark?
  /// When it was first seen: later ones are greater.
  package let order: Int

  /// Of a camera's picture.
  package static let none = PictureMark(name: ExactName(""), file: nil, order: 0)
}
