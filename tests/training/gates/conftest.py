import pytest
import torch


@pytest.fixture(autouse=True, scope="package")
def one_thread():
    """Keep tiny models from waiting for a second core that others are using."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
