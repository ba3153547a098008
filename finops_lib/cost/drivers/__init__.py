"""Why did it move: a bridge of effects, exact to the cent, and the few cells that explain a change."""
