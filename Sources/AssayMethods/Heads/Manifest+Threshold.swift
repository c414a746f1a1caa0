import AssayBundle
import AssayInspection
package import AssayLearning

extension Manifest.Threshold {
  /// As a manifest keeps it.
  package init(_ decision: DecisionThreshold) {
    self.init(
      value: decision.value, rule: decision.rule.name, rate: decision.rule.rate, explanation: decision.explanation,
      escapes: decision.escapes, defects: decision.defects, overkills: decision.overkills, goods: decision.goods)
  }
}
