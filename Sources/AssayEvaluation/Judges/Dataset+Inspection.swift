package import AssayBase
import AssayData
package import AssayInspection

extension Dataset {
  /// Leaves out what could not be inspected, and says so.
  package mutating func leaveOut(_ failures: [InspectionError], of path: String, progress: ProgressHandler) {
    leaveOut(failures.compactMap(Refusal.init), of: path, progress: progress)
  }
}

extension Dataset.Refusal {
  /// nil for what is no fault of an image: it has no file, and is said by whoever inspects.
  package init?(_ error: InspectionError) {
    guard case .image(let cause) = error else { return nil }
    self.init(cause)
  }
}
