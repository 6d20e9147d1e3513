import Starling

/// A mistake that a run can be given on purpose, to see which check notices it.
///
/// Each is planted where such a mistake is made: in what a layer's backward pass, or the error's
/// gradient, hands on. What the network answers is right with all of them.
enum PlantedMistake: String, CaseIterable, Codable, Sendable {
  case none
  case reversedKernelGradient
  case frozenConvolution
  case asPrintedCrossEntropy
  case kernelGradientSign
  case untiedBiasSummed

  /// What the page calls it.
  var title: String {
    switch self {
    case .none: "No mistake"
    case .reversedKernelGradient: "Kernel gradient turned by 180°"
    case .frozenConvolution: "Convolution frozen"
    case .asPrintedCrossEntropy: "Cross-entropy's gradient as the deck prints it"
    case .kernelGradientSign: "Kernel gradient with the wrong sign"
    case .untiedBiasSummed: "Untied bias given a tied one's gradient"
    }
  }

  /// What is wrong, in one sentence.
  var whatIsWrong: String {
    switch self {
    case .none:
      "Every gradient is the engine's own."
    case .reversedKernelGradient:
      "Each kernel's gradient is turned by 180°, as when the arguments of X ⋆ dE/dY are swapped."
    case .frozenConvolution:
      "The convolution's gradients are left out, so that its kernels and biases stay as they were drawn."
    case .asPrintedCrossEntropy:
      "The error's gradient lacks the 1/m of the error: with two outputs it is 2 times too large."
    case .kernelGradientSign:
      "The kernels' gradient has the opposite sign, so that every step takes them uphill."
    case .untiedBiasSummed:
      "Each position's bias gets the sum of dE/dY over its whole map, which is right only for one "
        + "bias shared by the map."
    }
  }

  /// The deck's layers with the mistake among them.
  var recipes: [any Recipe] {
    guard let mistake = convolutionMistake else { return DeckNetwork.recipes }
    return DeckNetwork.recipes.map { recipe in
      guard let convolution = recipe as? Convolution else { return recipe }
      return Mistaken.Convolution(convolution: convolution, mistake: mistake)
    }
  }

  /// What the run makes small.
  var loss: any Loss {
    self == .asPrintedCrossEntropy ? AsPrinted(loss: BinaryCrossEntropy()) : DeckNetwork.loss
  }

  private var convolutionMistake: Mistaken.Convolution.Mistake? {
    switch self {
    case .none, .asPrintedCrossEntropy: nil
    case .reversedKernelGradient: .kernelGradientReversed
    case .frozenConvolution: .nothingLearned
    case .kernelGradientSign: .kernelGradientNegated
    case .untiedBiasSummed: .biasGradientSummed
    }
  }
}
