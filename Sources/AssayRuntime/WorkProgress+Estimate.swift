import AssayBase

extension WorkProgress {
  /// What a step of work will cost.
  package init(_ step: String, announcing estimate: WorkEstimate) { self.init(step, announcing: estimate.sentence) }
}
