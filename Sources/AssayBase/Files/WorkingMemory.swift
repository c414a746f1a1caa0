import Foundation

/// Numbers that are too many to keep in memory: an unnamed file, mapped, from which the system may move parts out and back. Few
/// are in the process's own memory, and so are those for which there is no room on disk.
///
/// What is released is no longer counted as the process's and comes back when it is looked at; so a pass over all of it takes no
/// more memory than one block.
package final class WorkingMemory: @unchecked Sendable {
  // Written by disjoint ranges before it is shared, only read afterwards.
  package let values: UnsafeMutableBufferPointer<Float>
  /// Where files are made; nil for memory alone.
  package let folder: String?
  private let isMapped: Bool
  private let fewest: Int
  private let held: Int

  /// Fewer bytes are not worth a file.
  package static let fewest = 32 << 20

  /// - Parameters:
  ///   - count: numbers, all 0.
  ///   - folder: of the file; it is made when it is missing.
  ///   - fewest: bytes from which on a file is made.
  ///   - held: bytes up to which nothing is given back: reading them again would cost more than they take.
  package init(count: Int, folder: String?, fewest: Int = WorkingMemory.fewest, held: Int = 128 << 20) {
    self.folder = folder
    self.fewest = fewest
    self.held = held
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    if bytes >= fewest, let folder, let mapped = Self.map(bytes, folder) {
      values = UnsafeMutableBufferPointer(start: mapped, count: count)
      isMapped = true
    } else {
      let own = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).bindMemory(
        to: Float.self, capacity: max(count, 1))
      own.initialize(repeating: 0, count: max(count, 1))
      values = UnsafeMutableBufferPointer(start: own, count: count)
      isMapped = false
    }
  }

  /// Other numbers in the same way.
  package func another(_ count: Int) -> WorkingMemory {
    WorkingMemory(count: count, folder: folder, fewest: fewest, held: held)
  }

  deinit {
    if isMapped {
      munmap(values.baseAddress, max(values.count, 1) * MemoryLayout<Float>.stride)
    } else {
      UnsafeMutableRawPointer(values.baseAddress)?.deallocate()
    }
  }

  /// Whether releasing gives memory back, so that going block by block is worth it.
  package var isReleasable: Bool { isMapped && values.count * MemoryLayout<Float>.stride > held }

  /// Gives back the memory of a range, whole pages around it; its numbers stay on disk.
  package func release(_ range: Range<Int>) {
    guard isReleasable, !range.isEmpty, let base = values.baseAddress else { return }
    let page = Int(getpagesize())
    let start = range.lowerBound * MemoryLayout<Float>.stride / page * page
    let end = min((range.upperBound * MemoryLayout<Float>.stride + page - 1) / page * page, mappedBytes)
    madvise(UnsafeMutableRawPointer(base) + start, end - start, Int32(MADV_DONTNEED))
  }

  private var mappedBytes: Int {
    let page = Int(getpagesize())
    return (values.count * MemoryLayout<Float>.stride + page - 1) / page * page
  }

  private static func map(_ bytes: Int, _ folder: String) -> UnsafeMutablePointer<Float>? {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      return nil
    }
    var name = Array((folder + "/points.XXXXXX").utf8CString)
    // Made anew or not at all, whatever lies there, and without a name from now on.
    let file = mkstemp(&name)
    guard file >= 0 else { return nil }
    defer { close(file) }
    unlink(name)
    guard posix_fallocate(file, 0, off_t(bytes)) == 0,
      let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), base != MAP_FAILED
    else { return nil }
    return base.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride)
  }
}
