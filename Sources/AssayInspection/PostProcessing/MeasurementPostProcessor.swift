import AssayBase
import AssayBundle
import AssayImage

/// States what the tasks say.
struct MeasurementPostProcessor: PostProcessor {
  private let tasks: [TaskRecord]

  init(_ spec: MeasurementSpec, _ outputs: GraphOutputs) throws(ManifestFault) {
    tasks = spec.tasks
    for task in tasks { try TaskReading.check(task, outputs) }
  }

  func finding(of image: Image, _ outputs: some NetworkOutputs, name: String, started: Double) throws -> Finding {
    let measurement = Measurement(tasks: try TaskReading.all(tasks, outputs, name: name))
    return Finding(
      inspection: Inspection(file: name, outcome: .measured(measurement), milliseconds: Clock.milliseconds - started),
      heat: nil, image: image)
  }
}
