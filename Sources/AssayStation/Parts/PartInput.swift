import AssayBase
public import AssayImage
import AssayRuntime

/// What a part is judged by.
public enum PartInput: Sendable, Equatable {
  /// An image file's bytes.
  case file([UInt8])
  /// A camera's pixels as they are: nothing is encoded and decoded in between.
  case pixels(Image)
  /// The network's own input, `[3, H, W]`, RGB, 0...1.
  case tensor([Float])

  /// SHA-256 of the image as it came; of pixels, of the file that the record would keep.
  package var hash: String {
    switch self {
    case .file(let bytes): SHA256Digest(of: bytes).hex
    case .pixels(let image): SHA256Digest(pieces: image.portableAnymap).hex
    case .tensor(let values): SHA256Digest(pieces: { add in values.withUnsafeBytes(add) }).hex
    }
  }

  /// As the record keeps it whole: a file as it came, pixels in a file without loss; nil for a tensor, which is no image.
  package var file: [UInt8]? {
    switch self {
    case .file(let bytes): bytes
    case .pixels(let image): image.portableAnymap
    case .tensor: nil
    }
  }
}

/// A part on its way to a verdict, whoever brings it.
package struct Part: Sendable {
  package var input: PartInput
  /// For messages.
  package var name: String
  /// Part or serial number, as the line gave it.
  package var serial: String?
  /// Names of the graph's outputs to hand back.
  package var outputs: [String] = []
  /// The photograph is drawn with heat, region and verdict.
  package var isDrawn = false
  /// Shown to try the station, not made on the line: on record, but counted and told nowhere.
  package var isTrial = false
  /// A crash may have come between its record and the caller's own note of it: it is looked for before it is recorded.
  package var mayBeOnRecord = false

  package init(_ input: PartInput, name: String = "image", serial: String? = nil) {
    self.input = input
    self.name = name
    self.serial = serial
  }
}
