"""Networks for tests, by parameters of the network and of its recipe alike."""

from signalprep.neural import FeedForwardRegressor, Recipe, RecurrentRegressor

SIZES = {RecurrentRegressor: {"hidden_size": 4}, FeedForwardRegressor: {"hidden_layer_sizes": (6,)}}


def network(kind, **parameters):
    """What is no parameter of the network goes into its recipe."""
    own = kind().get_params(deep=False).keys()
    mine = {name: value for name, value in parameters.items() if name in own}
    rest = {name: value for name, value in parameters.items() if name not in own}
    return kind(**mine, recipe=Recipe(**rest)) if rest else kind(**mine)


def small(kind=RecurrentRegressor, **parameters):
    """A small one with a seed and few epochs."""
    return network(kind, **({"max_epochs": 4, "random_state": 0} | SIZES[kind] | parameters))
