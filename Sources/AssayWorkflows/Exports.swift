// What a Swift program imports: everything that is public below, by one name.
@_exported import AssayAdaptation
@_exported import AssayBackbones
@_exported import AssayBase
@_exported import AssayBundle
@_exported import AssayComparison
@_exported import AssayData
@_exported import AssayEvaluation
@_exported import AssayGraph
@_exported import AssayImage
@_exported import AssayInspection
@_exported import AssayMethods
@_exported import AssayMetrics
@_exported import AssayRuntime
@_exported import AssayWeights
