"""The network, and what is exported of it."""

import torch
from torch import Tensor, nn


class Network(nn.Module):
    """Two convolutions and a linear layer, over square images of one channel."""

    def __init__(self, side: int, classes: int, channels: int, dropout: float) -> None:
        super().__init__()
        self.side = side
        self.layers = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, 2 * channels, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(2 * channels * (side // 2) ** 2, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.layers(x.reshape(-1, 1, self.side, self.side))
        return logits


class Served(nn.Module):
    """From the numbers of the data to probabilities: all that a server would have to know."""

    def __init__(self, network: nn.Module, scale: float, temperature: float) -> None:
        super().__init__()
        self.network, self.scale, self.temperature = network, scale, temperature

    def forward(self, x: Tensor) -> Tensor:
        return torch.softmax(self.network(x / self.scale) / self.temperature, dim=1)
