import Glibc

/// A file opened for reading, with the errors a person meets told apart.
struct OpenFile {
  let path: String
  private let descriptor: Int32
  private let size: Int

  init(path: String) throws(ImageError) {
    self.path = path
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard opened >= 0 else { throw OpenFile.failure(path: path, number: errno) }
    var status = stat()
    guard fstat(opened, &status) == 0 else {
      let number = errno
      close(opened)
      throw OpenFile.failure(path: path, number: number)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      close(opened)
      if kind == S_IFDIR {
        throw ImageError(
          file: path, reason: .isDirectory, cause: "it is a folder, not an image",
          remedy: "name a file, or pass the folder where folders are accepted")
      }
      throw ImageError(
        file: path, reason: .notReadable, cause: "it is a device, pipe or socket, not a file",
        remedy: "copy the image into a file")
    }
    descriptor = opened
    size = Int(status.st_size)
  }

  /// Closes the file after `body`.
  consuming func withSource<Result>(_ body: (ByteSource) throws(ImageError) -> Result) throws(ImageError) -> Result {
    defer { close(descriptor) }
    let head = ByteSource.read(descriptor, at: 0, count: min(size, ByteSource.headSize))
    guard head.count == min(size, ByteSource.headSize) else {
      throw ImageError(
        file: path, reason: .notReadable, cause: "only \(head.count) of its \(size) bytes could be read",
        remedy: "check the disk or the network share")
    }
    return try body(ByteSource(descriptor: descriptor, size: size, head: head))
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func failure(path: String, number: Int32) -> ImageError {
    switch number {
    case ENOENT where isLink(path):
      return ImageError(
        file: path, reason: .notFound, cause: "it is a link that leads nowhere",
        remedy: "remove it or mend its target")
    case ENOENT, ENOTDIR:
      return ImageError(file: path, reason: .notFound, cause: "there is no such file", remedy: "check the path")
    case EACCES, EPERM:
      return ImageError(
        file: path, reason: .notReadable, cause: "reading it is not permitted",
        remedy: "give this user the right to read it")
    default:
      let text = strerror(number).map { String(cString: $0) } ?? "error \(number)"
      return ImageError(
        file: path, reason: .notReadable, cause: "it cannot be opened (\(text))",
        remedy: "check the path and the disk")
    }
  }
}
