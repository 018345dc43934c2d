from tests.support.client import PageClient

def test_x(client_of, seed):
    client_of("class_teacher").get(f"/classes/{seed.schools['a'].ids['class']}")
    client_of("guardian").get("/home")
    client_of("operator").get("/operator/schools")
    client_of("anonymous").get("/login")

def test_y(fresh, client_of):
    client_of("guardian").get("/home")
