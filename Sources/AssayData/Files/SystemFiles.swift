import AssayBase
import Foundation

/// Files and folders that operating systems, file servers and programs put beside the data.
enum SystemFiles {
  /// Lower case.
  private static let names: Set<String> = [
    // Windows
    "$recycle.bin", "recycler", "recycled", "system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini",
    "found.000",
    // macOS
    "__macosx", "icon\r",
    // file servers: Synology, QNAP, Netgear, TrueNAS, ext file systems
    "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp", "@sharebin", "@sharesnap",
    "@synoeastream", "lost+found", "network trash folder", "temporary items", "~snapshot",
    // programs
    "thumbnails", "thumbs", "_thumbnails", "_thumbs",
    "__pycache__", "node_modules",
  ]

  /// Extensions of copies and unfinished files.
  private static let copies: Set<String> = [
    "bak", "old", "orig", "tmp", "temp", "part", "partial", "crdownload", "download", "swp", "swo",
  ]

  /// Images of formats that are not read, lower case; their content may be another than the name says.
  static let foreignImages: Set<String> = [
    "gif", "heic", "heif", "hif", "avif", "jp2", "j2k", "jpf", "jpx", "jpm", "jxl", "jxr", "wdp", "hdp", "psd", "exr",
    "hdr", "dcm", "dicom", "ico", "svg", "tga", "pcx", "sgi", "ras", "xbm", "xpm", "fits", "fit", "pfm", "pam", "dng",
    "cr2", "cr3", "crw", "nef", "arw", "orf", "rw2", "raf", "pef", "srw", "raw", "mpo", "emf", "wmf", "apng", "jps",
  ]

  /// Extensions that promise something else than an image, lower case: such files are not looked into.
  static let otherExtensions: Set<String> = [
    "txt", "md", "rst", "html", "htm", "pdf", "doc", "docx", "rtf", "json", "jsonl", "ndjson", "xml", "yaml", "yml",
    "csv", "tsv", "xls", "xlsx", "ods", "parquet", "names", "data", "cfg", "ini", "conf", "toml", "log", "lst", "list",
    "py", "ipynb", "m", "mat", "npy", "npz", "pkl", "pickle", "h5", "hdf5", "pt", "pth", "onnx", "tfrecord", "record",
    "pbtxt", "db", "sqlite", "sqlite3", "cache", "zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "mp4", "avi",
    "mov", "mkv", "sh", "bat", "lnk", "url", "sha256", "md5", "bib", "license",
  ]

  static func isOne(_ name: String) -> Bool {
    // A bundle that was trained on the folder and written into it is no data.
    name.hasPrefix(".") || name.hasPrefix("SYNOPHOTO_THUMB") || name.hasSuffix(".assay")
      || names.contains(name.lowercased())
  }

  /// Whether a name is a system's, and not only hidden.
  static func isKnown(_ name: String) -> Bool { name == ".DS_Store" || names.contains(name.lowercased()) }

  /// What a system or a program is full of that never was the user's.
  static func isUninteresting(_ name: String) -> Bool {
    [".git", ".svn", ".hg", ".venv", ".cache", "node_modules", "__pycache__"].contains(name.lowercased())
  }

  static func isCopy(_ name: String) -> Bool {
    name.hasSuffix("~") || copies.contains(name.pathExtension.lowercased())
  }

  /// Bytes that are no UTF-8, so that a terminal shows them: `pr\xFCfling.png`.
  static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") {
        text.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "\\x" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }
}
