/// The image formats that are read, recognised by content.
public enum ImageFormat: String, Sendable, Codable, CaseIterable {
  case jpeg, png, tiff, bmp, webp, pnm

  /// The format's name for people.
  public var title: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .tiff: "TIFF"
    case .bmp: "BMP"
    case .webp: "WebP"
    case .pnm: "PNM"
    }
  }

  /// File name extensions, lower case without the dot.
  public var extensions: Set<String> {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .png: ["png"]
    case .tiff: ["tif", "tiff"]
    case .bmp: ["bmp", "dib"]
    case .webp: ["webp"]
    case .pnm: ["pbm", "pgm", "ppm", "pnm"]
    }
  }

  /// Media types by which such files are sent, the usual one first.
  public var mediaTypes: [String] {
    switch self {
    case .jpeg: ["image/jpeg"]
    case .png: ["image/png"]
    case .tiff: ["image/tiff"]
    case .bmp: ["image/bmp"]
    case .webp: ["image/webp"]
    case .pnm: ["image/x-portable-anymap", "image/x-portable-graymap", "image/x-portable-pixmap"]
    }
  }
}
