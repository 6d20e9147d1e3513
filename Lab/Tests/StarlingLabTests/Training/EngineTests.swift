import Testing

/// What the engine computes for the lab, one test after another: some of them look at a clock.
@Suite(.serialized) enum EngineTests {}
