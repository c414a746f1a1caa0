import AssayBase
import AssayInspection
import AssayLearning
public import Foundation

/// Times the greedy coreset on points from a file.
public struct CoresetBenchmark: Sendable, Encodable {
  public let points: Int
  public let dimension: Int
  public let chosen: Int
  public let seconds: Double
  public let radius: Float
  public let threads: Int
  public let indices: [Int]

  /// - Parameters:
  ///   - path: a NumPy file of 32-bit floats `[n, d]` in C order.
  ///   - share: of the points that is chosen, 0...1.
  public static func run(
    _ path: String, share: Double, start: Int = 0, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> CoresetBenchmark {
    let matrix = try NumPyFile.read(path)
    guard (0..<matrix.rows).contains(start) else {
      throw WorkflowError(.usage, "--start \(start) is not among \(matrix.rows) points")
    }
    let coreset = GreedyCoreset(matrix)
    let began = Clock.milliseconds
    let selection = coreset.select(
      max(1, Int(share * Double(matrix.rows))), start: start, threads: threads
    ) { progress(WorkProgress("coreset", $0, $1)) }
    return CoresetBenchmark(
      points: matrix.rows, dimension: matrix.columns, chosen: selection.indices.count,
      seconds: (Clock.milliseconds - began) / 1000, radius: selection.radius, threads: threads,
      indices: selection.indices)
  }
}

/// Reads matrices of NumPy's format, version 1 to 3.
enum NumPyFile {
  static func read(_ path: String) throws(WorkflowError) -> FeatureMatrix {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw WorkflowError(.noInput, "\(path): there is no such file; check the path")
    }
    let bytes = [UInt8](data)
    func unusable(_ cause: String) -> WorkflowError {
      WorkflowError(.badData, "\(path): \(cause); save a C-ordered float32 matrix with numpy.save")
    }
    guard bytes.count > 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw unusable("it is not a NumPy file")
    }
    let isShort = bytes[6] == 1
    let length = (0..<(isShort ? 2 : 4)).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = (isShort ? 10 : 12) + length
    guard bytes.count >= start else { throw unusable("it is truncated") }
    let header = String(decoding: bytes[(isShort ? 10 : 12)..<start], as: UTF8.self)
    guard header.contains("'<f4'"), header.contains("'fortran_order': False"),
      let open = header.firstIndex(of: "("), let close = header.firstIndex(of: ")")
    else { throw unusable("its header is \(header.trimmingCharacters(in: .whitespacesAndNewlines))") }
    let shape = header[header.index(after: open)..<close].split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    guard shape.count == 2, shape[0] > 0, shape[1] > 0, bytes.count - start >= shape[0] * shape[1] * 4 else {
      throw unusable("its shape is \(shape) and it holds \(bytes.count - start) bytes")
    }
    let values = bytes.withUnsafeBytes { raw in
      (0..<shape[0] * shape[1]).map { raw.loadUnaligned(fromByteOffset: start + 4 * $0, as: Float.self) }
    }
    return FeatureMatrix(rows: shape[0], columns: shape[1], values: values)
  }
}
