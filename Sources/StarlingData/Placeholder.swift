import Starling
