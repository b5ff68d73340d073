test -z "$(ls -A "$HOME")" && touch installed
