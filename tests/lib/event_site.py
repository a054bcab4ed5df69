"""A site whose daemon makes a release for each version of one component, and sends its events to receivers."""

import json
import os
import unittest

from docker_registry import DockerRegistry
from receiver import Receiver
from relman import Site, wait_for


class EventCase(unittest.TestCase):
    def setUp(self):
        self.registry = DockerRegistry()
        self.addCleanup(self.registry.close)
        self.first = self.registry.push("app/api", "v1.0.0", "first")
        self.site = Site()
        self.addCleanup(self.site.close)
        self.site.write("r.yaml", f"apiVersion: relman/v1\nkind: Registry\nmetadata: {{name: r}}\nspec: {{url: '{self.registry.url}'}}\n")
        self.component("api", "payments")
        self.stream("api")

    def stream(self, components):
        self.site.write("s.yaml", "apiVersion: relman/v1\nkind: ReleaseStream\nmetadata: {name: app}\n"
                        f"spec: {{components: [{components}], nameTemplate: 'app-{{version:api}}', settle: 0s}}\n---\n"
                        "apiVersion: relman/v1\nkind: Environment\nmetadata: {name: prod}\nspec: {stream: app}\n")

    def component(self, name, team, repository="app/api"):
        self.site.write(f"c-{name}.yaml", f"apiVersion: relman/v1\nkind: Component\nmetadata: {{name: {name}, labels: {{team: {team}}}}}\n"
                        f"spec: {{imageRepository: {self.registry.host}/{repository}, interval: 200ms}}\n")

    def receiver(self, answer=204):
        receiver = Receiver(answer)
        self.addCleanup(receiver.close)
        return receiver

    def config(self, **webhooks):
        """Returns a configuration with webhooks. Each argument is NAME=(receiver, further settings)."""
        text = "events:\n  webhooks:\n"
        for name, (receiver, settings) in webhooks.items():
            text += f"  - {{name: {name}, retryInterval: 100ms{', ' + settings if settings else ''}"
            text += "}\n" if "url" in settings else f", url: '{receiver.url}'}}\n"
        return text + f"api: {{socket: {os.path.join(self.site.folder, 'relmand.sock')}}}\n"

    def stored(self, first_sync=False):
        """Returns the sequence numbers of all events that a receiver must get."""
        return [s for s, data in self.site.stored.events("sequence", "data")
                if first_sync or "firstSync" not in json.loads(data)]

    def settle(self, release="app-1.0.0"):
        wait_for(lambda: self.site.stored.events(type="release.deployed", object_name=release),
                 what=f"{release} in prod")

    def call(self, method, path, body=None):
        status, data, _ = self.site.call(method, "/api/v1" + path, body)
        return status, data
