// swift-tools-version: 6.2
import PackageDescription

/// The language features that every Swift target turns on: `any` is written out, and an import is
/// seen by the file that makes it and by nobody else.
let features: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "starling",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "LineByLine", targets: ["LineByLine"]),
    .library(name: "Starling", targets: ["Starling"]),
    .library(name: "StarlingData", targets: ["StarlingData"]),
    .library(name: "StarlingPictures", targets: ["StarlingPictures"]),
    .executable(name: "starling", targets: ["StarlingCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // The mathematics, alone: nothing below it, not even Foundation.
    .target(name: "LineByLine", swiftSettings: features),

    // The engine's leaf loops, in C for each instruction set; and the engine: what users import.
    .target(name: "CStarlingKernels"),
    .target(name: "Starling", dependencies: ["CStarlingKernels"], swiftSettings: features),

    // The outer rooms, each with the one library that it needs.
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng",
      providers: [.apt(["libpng-dev"]), .yum(["libpng-devel"]), .brew(["libpng"])]),
    .target(
      name: "StarlingData", dependencies: ["Starling", "CZlib", "CPNG"], swiftSettings: features),
    .target(
      name: "StarlingPictures", dependencies: ["Starling", "CPNG"], swiftSettings: features),

    // The command line.
    .executableTarget(
      name: "StarlingCommand",
      dependencies: [
        "LineByLine", "Starling", "StarlingData", "StarlingPictures",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: features),

    // What holds them all to the truth.
    .testTarget(name: "LineByLineTests", dependencies: ["LineByLine"], swiftSettings: features),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .testTarget(
      name: "StarlingTests", dependencies: ["Starling", "LineByLine", "CAllocations"],
      swiftSettings: features),
    .testTarget(
      name: "StarlingDataTests", dependencies: ["StarlingData", "Starling", "LineByLine"],
      swiftSettings: features),
    .testTarget(
      name: "StarlingPicturesTests", dependencies: ["StarlingPictures", "Starling"],
      swiftSettings: features),
    .testTarget(
      name: "StarlingCommandTests",
      dependencies: [
        "StarlingCommand", "LineByLine", "Starling", "StarlingData", "StarlingPictures",
      ],
      swiftSettings: features),
  ],
  swiftLanguageModes: [.v6]
)
