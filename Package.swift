// swift-tools-version: 6.2
import PackageDescription

/// `make` sets this variable, so that a warning stops our own builds and CI but not a build with a newer compiler.
let warningsAreErrors = Context.environment["ASSAY_WARNINGS_AS_ERRORS"] == "1"
/// `make fuzz` sets this variable: our own targets are built with AddressSanitizer and coverage, in a folder of their own.
let isFuzzing = Context.environment["ASSAY_FUZZ"] == "1"
let sanitizing = SwiftSetting.unsafeFlags([
  "-sanitize=address", "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp",
])
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])
  + (isFuzzing ? [sanitizing] : [])

/// `make` and CI set this variable: every package in the very version of the tables below, also what packages bring. Without it the
/// versions are the lowest ones, since exact versions in a library would bind every package that depends on it.
let isPinned = Context.environment["ASSAY_PINNED"] == "1"
let packages: [(place: String, version: Version)] = [
  ("apple/swift-argument-parser", "1.8.2"),
  ("apple/swift-collections", "1.6.0"),
  ("apple/swift-crypto", "4.5.2"),
  ("apple/swift-protobuf", "1.39.0"),
  // data.yaml of YOLO.
  ("jpsim/Yams", "6.2.2"),
  // The inspection station: HTTP, TLS and the record.
  ("hummingbird-project/hummingbird", "2.28.1"),
  ("groue/GRDB.swift", "7.10.0"),
  ("apple/swift-nio", "2.101.2"),
  ("apple/swift-nio-extras", "1.35.2"),
  ("apple/swift-http-types", "1.8.0"),
  ("apple/swift-nio-ssl", "2.37.6"),
  ("apple/swift-log", "1.16.2"),
  ("swift-server/swift-service-lifecycle", "2.13.0"),
]
/// What those bring, each with one of its products: for no platform that Assay runs on, so that nothing is built for it, and the
/// package manager does not warn of a package that nobody uses.
let brought: [(place: String, version: Version, product: String)] = [
  ("apple/swift-algorithms", "1.2.1", "Algorithms"),
  ("apple/swift-asn1", "1.7.4", "SwiftASN1"),
  ("apple/swift-async-algorithms", "1.1.4", "AsyncAlgorithms"),
  ("apple/swift-atomics", "1.3.0", "Atomics"),
  ("apple/swift-certificates", "1.21.1", "X509"),
  ("apple/swift-configuration", "1.4.0", "Configuration"),
  ("apple/swift-distributed-tracing", "1.7.3", "Tracing"),
  ("apple/swift-http-structured-headers", "1.7.0", "StructuredFieldValues"),
  ("apple/swift-metrics", "2.13.0", "Metrics"),
  ("apple/swift-nio-http2", "1.46.0", "NIOHTTP2"),
  ("apple/swift-nio-transport-services", "1.28.0", "NIOTransportServices"),
  ("apple/swift-numerics", "1.1.1", "Numerics"),
  ("apple/swift-service-context", "1.5.1", "ServiceContextModule"),
  ("apple/swift-system", "1.8.1", "SystemPackage"),
  ("swift-server/async-http-client", "1.37.0", "AsyncHTTPClient"),
]
let pins: [Target.Dependency] =
  isPinned
  ? brought.map { pin in
    .product(
      name: pin.product, package: String(pin.place.split(separator: "/")[1]), condition: .when(platforms: [.openbsd]))
  } : []

func dependency(_ place: String, _ version: Version) -> Package.Dependency {
  let url = "https://github.com/" + place
  let traits: Set<Package.Dependency.Trait> =
    place == "hummingbird-project/hummingbird" ? [.trait(name: "FullFoundation")] : [.defaults]
  return isPinned
    ? .package(url: url, exact: version, traits: traits) : .package(url: url, from: version, traits: traits)
}

/// What the program calls itself: `make` says it by the tag (`scripts/version.sh`); a dependant's checkout is at a tag; else what was
/// released last.
let version =
  [Context.environment["ASSAY_VERSION"], Context.gitInformation?.currentTag.map { String($0.drop { $0 == "v" }) }]
  .compactMap { $0 }.first { !$0.isEmpty } ?? "0.1.0"

func library(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], embedded: [String] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, exclude: exclude, resources: embedded.map { .embedInCode($0) },
    swiftSettings: settings)
}

/// A library for tests alone.
func support(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, path: "Tests/" + name, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], fixtures: Bool = true) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.byName(name: name)] + dependencies,
    resources: fixtures ? [.copy("Fixtures")] : [], swiftSettings: settings)
}

let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")

/// The targets of FuzzTargets under libFuzzer. Gold, the default linker, cannot link them.
let fuzzer: [Target] = [
  .systemLibrary(name: "CFuzzer", path: "Tests/CFuzzer"),
  .executableTarget(
    name: "AssayFuzz", dependencies: ["CFuzzer", "FuzzTargets"], path: "Tests/AssayFuzz", swiftSettings: settings,
    linkerSettings: [.unsafeFlags(["-sanitize=address,fuzzer", "-use-ld=lld"])]),
]

let package = Package(
  name: "Assay",
  products: [
    .executable(name: "assay", targets: ["assay"]),
    // For programs of others: docs/library.md. Each has the modules whose types it hands out.
    .library(name: "AssayInspection", targets: ["AssayInspection", "AssayImage", "AssayBundle", "AssayRuntime"]),
    .library(
      name: "AssayWorkflows",
      targets: ["AssayWorkflows", "AssayData", "AssayImage", "AssayInspection", "AssayBundle", "AssayRuntime"]),
    .library(name: "AssayStation", targets: ["AssayStation", "AssayHTTP", "AssayInspection", "AssayRuntime"]),
  ],
  dependencies: (packages + (isPinned ? brought.map { ($0.place, $0.version) } : [])).map(dependency),
  targets: [
    // C modules: headers and tiny inline shims. Their .pc files are written by `make setup`.
    .systemLibrary(name: "CAravis", pkgConfig: "assay-aravis"),
    .systemLibrary(name: "CCodecs", pkgConfig: "assay-codecs"),
    .systemLibrary(name: "CFileSystem"),
    .systemLibrary(name: "CMemory"),
    .systemLibrary(name: "CModbus"),
    .systemLibrary(name: "CMosquitto"),
    .systemLibrary(name: "CProcess"),
    .systemLibrary(name: "CONNXRuntime", pkgConfig: "assay-onnxruntime"),
    .systemLibrary(name: "COneDNN", pkgConfig: "assay-onednn"),
    .systemLibrary(name: "COpenVINO", pkgConfig: "assay-openvino"),

    // Hot loops of training for several instruction sets, which only C can be compiled for side by side.
    .target(name: "CKernels"),
    // The version, in a file that is compiled in no time.
    .target(
      name: "CVersion", dependencies: pins, cSettings: [.define("ASSAY_VERSION", to: "\"\(version)\"")]),
    // Opens oneDNN at the first call of one of its functions.
    .target(name: "COneDNNLoader", dependencies: ["COneDNN"]),

    library("AssayBase", ["CVersion", crypto]),
    library("AssayImage", ["AssayBase", "CCodecs"]),
    library("AssayData", ["AssayBase", "AssayImage", .product(name: "Yams", package: "Yams")]),
    library("AssayMetrics", ["AssayBase"]),
    // Hostile bytes: pickles, archives, tensors.
    library("AssayWeights", ["AssayBase"]),
    library(
      "AssayGraph", ["AssayBase", "AssayWeights", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"]),
    library("AssayBundle", ["AssayBase", "AssayGraph", "AssayImage", "CFileSystem"]),
    library("AssayRuntime", ["AssayBase", "AssayGraph", "AssayImage", "CONNXRuntime", "COpenVINO"]),
    library("AssayLearning", ["AssayBase", "AssayGraph", "COneDNN", "COneDNNLoader"]),
    library("AssayTraining", ["AssayBase", "AssayGraph", "CKernels", "COneDNN", "COneDNNLoader"]),
    // What is known of a finished inspector: it and whatever inspects alone link no oneDNN.
    library(
      "AssayInspection", ["AssayBase", "AssayBundle", "AssayGraph", "AssayImage", "AssayMetrics", "AssayRuntime"]),
    library("AssayReport", ["AssayBase", "AssayMetrics"]),
    library("AssayBackbones", ["AssayBase", "AssayBundle", "AssayGraph", "AssayRuntime", "AssayWeights"]),
    library(
      "AssayEvaluation",
      [
        "AssayBase", "AssayBundle", "AssayData", "AssayImage", "AssayInspection", "AssayMetrics", "AssayReport",
        "AssayRuntime",
      ]),
    library(
      "AssayMethods",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayEvaluation", "AssayGraph", "AssayImage",
        "AssayInspection", "AssayLearning", "AssayMetrics", "AssayReport", "AssayRuntime", "AssayTraining",
      ]),
    library(
      "AssayComparison",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayEvaluation", "AssayGraph", "AssayImage",
        "AssayInspection", "AssayLearning", "AssayMethods", "AssayMetrics", "AssayReport", "AssayRuntime",
      ]),
    library(
      "AssayAdaptation",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayEvaluation", "AssayGraph", "AssayImage",
        "AssayInspection", "AssayLearning", "AssayMethods", "AssayMetrics", "AssayReport", "AssayRuntime",
      ]),
    // What a Swift program imports.
    library(
      "AssayWorkflows",
      [
        "AssayAdaptation", "AssayBackbones", "AssayBase", "AssayBundle", "AssayComparison", "AssayData",
        "AssayEvaluation", "AssayGraph", "AssayImage", "AssayInspection", "AssayLearning", "AssayMethods",
        "AssayMetrics", "AssayReport", "AssayRuntime", "AssayTraining", "AssayWeights",
      ]),
    library("AssayRecord", [.product(name: "GRDB", package: "GRDB.swift")]),
    library(
      "AssayStation",
      [
        "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayImage", "AssayInspection", "AssayMetrics",
        "AssayRecord", "AssayRuntime", "CFileSystem", "CMemory", "CProcess",
        .product(name: "Logging", package: "swift-log"), deque,
      ]),
    library(
      "AssayHTTP",
      [
        "AssayBase", "AssayBundle", "AssayGraph", "AssayImage", "AssayInspection", "AssayRecord", "AssayRuntime",
        "AssayStation", .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      // Says to Node.js that the page's scripts are modules.
      exclude: ["Page/package.json"], embedded: ["Page/Files"]),
    library(
      "AssayPlant",
      [
        "AssayBase", "AssayData", "AssayImage", "AssayInspection", "AssayStation", "CAravis", "CModbus", "CMosquitto",
        .product(name: "Logging", package: "swift-log"), deque,
      ]),
    // Learns from the parts of a station's record: above the station, which knows no method.
    library(
      "AssayRetraining",
      [
        "AssayBase", "AssayBundle", "AssayData", "AssayImage", "AssayInspection", "AssayMethods", "AssayRecord",
        "AssayRuntime", "AssayStation",
      ]),
    .executableTarget(
      name: "assay",
      dependencies: [
        "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayHTTP", "AssayImage", "AssayInspection",
        "AssayLearning", "AssayMetrics", "AssayPlant", "AssayRecord", "AssayRetraining", "AssayRuntime", "AssayStation",
        "AssayTraining", "AssayWorkflows", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings),

    // What a program of others looks like.
    .executableTarget(
      name: "InspectPart", dependencies: ["AssayImage", "AssayInspection"], path: "Examples/Sources/InspectPart",
      swiftSettings: settings),
    .executableTarget(
      name: "TrainLine",
      dependencies: [
        "AssayBundle", "AssayData", "AssayHTTP", "AssayStation", "AssayWorkflows",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Examples/Sources/TrainLine", swiftSettings: settings),

    // Times the record at any size: `benchmarks/record.sh`.
    .executableTarget(
      name: "RecordBenchmark", dependencies: ["AssayRecord"], path: "benchmarks/RecordBenchmark",
      swiftSettings: settings),

    // Calibration and uncertain parts over many small draws: `benchmarks/calibration.sh`.
    .executableTarget(
      name: "CalibrationBenchmark",
      dependencies: [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayImage", "AssayInspection",
        "AssayLearning", "AssayRuntime",
      ], path: "benchmarks/CalibrationBenchmark", swiftSettings: settings),

    // How often drift is an alarm, without drift and with it: `benchmarks/drift.sh`.
    .executableTarget(
      name: "DriftBenchmark",
      dependencies: [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayImage", "AssayInspection",
        "AssayLearning", "AssayMethods", "AssayMetrics", "AssayRuntime", "AssayStation",
      ],
      path: "benchmarks/DriftBenchmark", swiftSettings: settings),

    // What tests share: bundles of every kind, pictures, data sets; and a station that answers.
    support("AssayTestSupport", ["AssayGraph", "AssayImage", crypto]),
    support("AssayMethodsSupport", ["AssayBundle", "AssayInspection", "AssayMethods", "AssayTestSupport"]),
    support(
      "AssayStationSupport",
      ["AssayHTTP", "AssayStation", "AssayTestSupport", .product(name: "Logging", package: "swift-log")]),

    tests("AssayImage"),
    tests("AssayData", ["AssayBase", "AssayImage", "AssayTestSupport"], fixtures: false),
    tests("AssayMetrics", ["AssayBase"]),
    tests("AssayBase", [], fixtures: false),
    tests("AssayWeights", ["AssayGraph"], fixtures: false),
    tests("AssayGraph", ["AssayBundle", "AssayImage", "AssayWeights"], fixtures: false),
    tests("AssayBundle", ["AssayBase", "AssayImage"], fixtures: false),
    tests("AssayRuntime", ["AssayBase", "AssayGraph", "AssayImage", "AssayLearning", "AssayWeights"]),
    tests("AssayLearning", ["AssayBase", "AssayGraph"]),
    tests("AssayTraining", ["AssayGraph", "CKernels"]),
    tests("AssayInspection", ["AssayBundle", "AssayImage", "AssayRuntime"], fixtures: false),
    tests("AssayReport", ["AssayMetrics"], fixtures: false),
    tests(
      "AssayPlant",
      [
        "AssayBase", "AssayHTTP", "AssayImage", "AssayInspection", "AssayStation", "AssayTestSupport", "CModbus",
        .product(name: "Logging", package: "swift-log"),
      ],
      fixtures: false),
    tests("AssayRecord", [.product(name: "GRDB", package: "GRDB.swift")], fixtures: false),
    tests(
      "AssayStation",
      [
        "AssayBase", "AssayBundle", "AssayImage", "AssayInspection", "AssayRecord", "AssayTestSupport",
        .product(name: "Logging", package: "swift-log"),
      ],
      fixtures: false),
    tests(
      "AssayHTTP",
      [
        "assay", "AssayBase", "AssayBundle", "AssayData", "AssayImage", "AssayInspection", "AssayLearning",
        "AssayMethods", "AssayPlant", "AssayRecord", "AssayRetraining", "AssayStation", "AssayStationSupport",
        "AssayTestSupport", "AssayTraining", .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ], fixtures: false),
    tests("AssayBackbones", ["AssayGraph"], fixtures: false),
    tests(
      "AssayEvaluation", ["AssayInspection", "AssayMetrics", "AssayReport"], fixtures: false),
    tests(
      "AssayMethods",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayEvaluation", "AssayGraph", "AssayImage",
        "AssayInspection", "AssayLearning", "AssayMethodsSupport", "AssayRuntime", "AssayTestSupport", "AssayTraining",
      ], fixtures: false),
    tests(
      "AssayComparison",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayMethods", "AssayMethodsSupport",
        "AssayRuntime", "AssayTestSupport",
      ], fixtures: false),
    tests(
      "AssayAdaptation",
      [
        "AssayBackbones", "AssayBase", "AssayBundle", "AssayEvaluation", "AssayLearning", "AssayMethods",
        "AssayMethodsSupport", "AssayRuntime", "AssayTestSupport",
      ], fixtures: false),
    // What all methods have in common.
    tests(
      "AssayWorkflows",
      [
        "AssayBundle", "AssayData", "AssayImage", "AssayInspection", "AssayLearning", "AssayMethodsSupport",
        "AssayRuntime", "AssayTestSupport",
      ], fixtures: false),
    // Every kind of inspector before everything that takes one, also the command line.
    .testTarget(
      name: "AssayKindTests",
      dependencies: [
        "assay", "AssayBundle", "AssayHTTP", "AssayImage", "AssayInspection", "AssayPlant", "AssayRuntime",
        "AssayStation", "AssayStationSupport", "AssayTestSupport",
      ],
      exclude: ["Fixtures", "Goldens"], swiftSettings: settings),
    // Every reader of bytes from outside, and what fuzzing has found, read again.
    support(
      "FuzzTargets",
      [
        "AssayBase", "AssayBundle", "AssayData", "AssayGraph", "AssayHTTP", "AssayImage", "AssayInspection",
        "AssayMethods", "AssayPlant", "AssayStation", "AssayTestSupport", "AssayTraining", "AssayWeights",
        .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Hummingbird", package: "hummingbird"),
      ]),
    .testTarget(
      name: "AssayFuzzTests", dependencies: ["FuzzTargets"], exclude: ["Corpus"], swiftSettings: settings),
    // The built program, run as its users run it.
    .testTarget(
      name: "AssayCommandTests",
      dependencies: [
        "assay", "AssayBundle", "AssayGraph", "AssayLearning", "AssayMethods", "AssayRuntime", "AssayTraining",
      ],
      swiftSettings: settings
    ),
  ] + (isFuzzing ? fuzzer : [])
)
