// Lists components by the generated client.
import { ComponentsService, OpenAPI } from './client';

OpenAPI.BASE = process.argv[2];
OpenAPI.TOKEN = process.env.RELMAN_TOKEN;
ComponentsService.listComponents().then((list) => {
        for (const component of list)
                console.log(component.name, component.imageRepository, component.managedBy);
});
