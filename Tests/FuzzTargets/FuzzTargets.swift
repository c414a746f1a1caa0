/// Every reader of bytes from outside. A new reader is one more line here, and `make fuzz`, the corpus and the replay in the
/// test build have it too.
package enum FuzzTargets {
  package static let allCases: [FuzzTarget] =
    ImageTargets.all + WeightTargets.all + GraphTargets.all + BundleTargets.all + TextTargets.all
    + AnnotationTargets.all + PlantTargets.all + StationTargets.all

  package static subscript(name: String) -> FuzzTarget? { allCases.first { $0.name == name } }
}
